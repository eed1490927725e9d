// Command pcaplain explains the TCP connections in trouble in a packet capture.
//
//	pcaplain [-lang en|zh] [-json] [-packets] FILE
//
// FILE "-" is standard input. Without -json it prints the findings, each with
// its ladder and its explanation; with -json one JSON document, the report, and
// with -packets also every TCP packet's row. It exits with 0 when the capture
// was analysed, whatever was found, with 1 when it could not be read (message on
// standard error, nothing on standard output), with 2 for wrong usage. A damaged
// capture is analysed up to the damage.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"pcaplain/analyzer"
)

// Exit states of the command.
const (
	exitDone   = 0
	exitUnread = 1
	exitUsage  = 2
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

type options struct {
	language      string
	json, packets bool
	file          string
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	o, ok := parse(args, stderr)
	if !ok {
		return exitUsage
	}
	a, err := survey(o, stdin)
	if err != nil {
		fmt.Fprintf(stderr, "pcaplain: %s: %s\n", name(o.file), sayError(err, o.language))
		return exitUnread
	}
	out := bufio.NewWriterSize(stdout, 1<<16)
	if o.json {
		err = writeJSON(out, a.Report())
	} else {
		err = writeText(out, a, o.language)
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		fmt.Fprintf(stderr, "pcaplain: %v\n", err)
		return exitUnread
	}
	return exitDone
}

func parse(args []string, stderr io.Writer) (options, bool) {
	o := options{}
	flags := flag.NewFlagSet("pcaplain", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.language, "lang", languageOf(os.Getenv), "language of the text, `en or zh`")
	flags.BoolVar(&o.json, "json", false, "print the report as one JSON document")
	flags.BoolVar(&o.packets, "packets", false, "with -json: add a row for every TCP packet")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: pcaplain [-lang en|zh] [-json] [-packets] FILE     (FILE \"-\" is standard input)")
		flags.PrintDefaults()
	}
	if flags.Parse(args) != nil {
		return o, false
	}
	if flags.NArg() != 1 || o.language != "en" && o.language != "zh" || o.packets && !o.json {
		flags.Usage()
		return o, false
	}
	o.file = flags.Arg(0)
	return o, true
}

// languageOf chooses by the locale, as other commands do.
func languageOf(env func(string) string) string {
	for _, v := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if s := env(v); s != "" {
			if strings.HasPrefix(s, "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}

func name(file string) string {
	if file == "-" {
		return "standard input"
	}
	return file
}

func survey(o options, stdin io.Reader) (*analyzer.Analysis, error) {
	in := stdin
	if o.file != "-" {
		f, err := os.Open(o.file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	a := analyzer.Open(filepath.Base(name(o.file)), analyzer.Options{Packets: o.packets})
	return a, a.Survey(in)
}

func sayError(err error, language string) string {
	var unread *analyzer.Unreadable
	if errors.As(err, &unread) {
		return unread.Text.In(language)
	}
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

func writeJSON(w io.Writer, r *analyzer.Report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(r)
}
