//go:build js && wasm

// Command wasm offers the core to the page's worker: it puts one object,
// pcaplainCore, on the global object and waits. Every call is synchronous and
// decides nothing. Values cross through vert, one field at a time, so only
// summaries, one finding or one page of rows at a time do; the capture's bytes
// do not cross at all: JavaScript writes them into the one buffer below.
package main

import (
	"errors"
	"syscall/js"
	"unsafe"

	"github.com/norunners/vert"

	"pcaplain/analyzer"
)

// input is the one buffer for the capture's bytes. An array handed to Go per
// chunk stays pinned until Go's collector runs, a gigabyte of them for a gigabyte
// read; bytes written here in place cost nothing.
var input [4 << 20]byte

var current *analyzer.Analysis

func main() {
	js.Global().Set("pcaplainCore", js.ValueOf(map[string]any{
		"open":          call(open),
		"buffer":        call(buffer),
		"feed":          call(feed),
		"finish":        call(finish),
		"progress":      call(progress),
		"report":        call(report),
		"occurrence":    call(occurrence),
		"ladder":        call(ladder),
		"rows":          call(rows),
		"conversations": call(conversations),
		"packet":        call(packetDetail),
		"frame":         call(frame),
		"scenarios":     call(scenarios),
		"shareFrames":   call(shareFrames),
		"share":         call(share),
		"again":         call(again),
	}))
	select {}
}

func call(f func(args []js.Value) any) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any { return f(args) })
}

// value turns a Go value into a JavaScript one.
func value(v any) any { return vert.ValueOf(v).JSValue() }

// into reads a JavaScript object into a Go one; fields it lacks stay zero.
func into(arg js.Value, target any) { _ = vert.Value{Value: arg}.AssignTo(target) }

func open(args []js.Value) any {
	current, rereading = nil, nil
	current = analyzer.Open(args[0].String(), analyzer.Options{})
	return nil
}

func buffer([]js.Value) any {
	return map[string]any{"pointer": int(uintptr(unsafe.Pointer(&input[0]))), "capacity": len(input)}
}

// rereading takes the bytes instead of the survey while a conversation is read
// again.
var rereading *analyzer.Rereading

func feed(args []js.Value) any {
	chunk := input[:args[0].Int()]
	if rereading != nil {
		return failure(rereading.Feed(chunk))
	}
	return failure(current.Feed(chunk))
}

func finish([]js.Value) any {
	if r := rereading; r != nil {
		rereading = nil
		return failure(r.Close())
	}
	return failure(current.Close())
}

// again makes the next feeds, until finish, a second read for one conversation.
func again(args []js.Value) any {
	rereading = current.Again(number(args[0], "conversation", 0))
	return nil
}

func failure(err error) any {
	if err == nil {
		return nil
	}
	var unread *analyzer.Unreadable
	if errors.As(err, &unread) {
		return value(unread.Text)
	}
	return value(analyzer.Text{EN: err.Error(), ZH: err.Error()})
}

func progress([]js.Value) any {
	bytes, packets, tcp, conversations := current.Progress()
	return map[string]any{"bytes": float64(bytes), "packets": packets, "tcpPackets": tcp, "conversations": conversations}
}

func report([]js.Value) any { return value(current.Summary()) }

func occurrence(args []js.Value) any {
	q := struct{ finding, occurrence int }{number(args[0], "finding", 0), number(args[0], "occurrence", 0)}
	return value(current.Occurrence(q.finding, q.occurrence))
}

// number reads a whole number of an object; missing is its value when it is not
// there.
func number(o js.Value, name string, missing int) int {
	if v := o.Get(name); v.Type() == js.TypeNumber {
		return v.Int()
	}
	return missing
}

func ladder(args []js.Value) any {
	if id := number(args[0], "conversation", -1); id >= 0 {
		return value(current.ConversationLadder(id))
	}
	return value(current.Ladder(number(args[0], "finding", 0), number(args[0], "occurrence", 0)))
}

func rows(args []js.Value) any {
	q := args[0]
	return value(current.Rows(number(q, "finding", -1), number(q, "conversation", 0), number(q, "first", 0), number(q, "last", 0)))
}

func conversations(args []js.Value) any {
	var q analyzer.ConversationQuery
	into(args[0], &q)
	return value(current.Conversations(q))
}

func packetDetail(args []js.Value) any {
	return value(current.PacketDetail(number(args[0], "number", 0)))
}

func frame(args []js.Value) any {
	return value(current.Frame(number(args[0], "number", 0), input[:args[1].Int()]))
}

func scenarios([]js.Value) any { return value(analyzer.Scenarios()) }

func shareFrames(args []js.Value) any {
	return value(current.ShareFrames(number(args[0], "finding", 0), number(args[0], "occurrence", 0)))
}

// shared holds the newest shared incident until JavaScript has copied it.
var shared []byte

// share takes the frames' bytes from the buffer and answers where the incident
// lies in memory.
func share(args []js.Value) any {
	q, n := args[0], args[1].Int()
	frames := current.ShareFrames(number(q, "finding", 0), number(q, "occurrence", 0))
	shared = current.Share(frames, input[:n], q.Get("rename").Truthy(), q.Get("whole").Truthy())
	return map[string]any{"pointer": int(uintptr(unsafe.Pointer(&shared[0]))), "length": len(shared)}
}
