package analyzer_test

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"pcaplain/analyzer"
)

// share takes the headline's frames out of a capture as a link would.
func share(t *testing.T, a *analyzer.Analysis, path string, rename bool) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(corpus, path))
	if err != nil {
		t.Fatal(err)
	}
	frames := a.ShareFrames(0, 0)
	var data []byte
	for _, f := range frames {
		data = append(data, file[int(f.Offset):int(f.Offset)+f.Length]...)
	}
	return a.Share(frames, data, rename, false)
}

// needsMore are scenarios whose proof lies in what is not shared: the payload,
// or so many other connections that no link holds them.
var needsMore = map[string]string{
	"syn-dropped-tw-recycle-snat": "the rule replays every connection of the client's address",
	"port-exhaustion":             "the proof is a count over many ports",
	"http-to-tls-port":            "the payload is the proof",
	"tls-to-plain-port":           "the payload is the proof",
	"proxy-protocol-mismatch":     "the payload is the proof",
	"tls-alert":                   "the payload is the proof",
	"clienthello-blocked":         "the payload is the proof",
	"banner-stall":                "the payload is the proof",
	"conflicting-payload":         "the payload is the proof",
	"corrupted-segment":           "a checksum can only be tried with the payload it covers",
	"half-close-cut":              "the same request answered on another connection is the proof",
	"close-with-unread-data":      "whether an answer was lost is read from its status line",
}

// needsOthers are captures whose finding rests on how other connections fared.
var needsOthers = map[string]string{
	"lvs-stale-entry-after-port-reuse/eaten-client.pcapng": "the proof is a count over many ports",
}

// TestShare opens every capture's headline again from its headers alone: the
// same finding with the same packets must come out, also with other addresses,
// and nothing of the payload may be left.
func TestShare(t *testing.T) {
	for _, l := range labels(t) {
		t.Run(l.path, func(t *testing.T) {
			a := analyse(t, l.path)
			r := a.Report()
			if len(r.Findings) == 0 || len(a.ShareFrames(0, 0)) == 0 || needsMore[r.Findings[0].Scenario] != "" || needsOthers[l.path] != "" {
				return
			}
			for _, rename := range []bool{false, true} {
				data := share(t, a, l.path, rename)
				again := analyseBytes(t, "shared", data).Report()
				compareShared(t, r, again, rename)
				if rename {
					forbidAddresses(t, r, data)
				}
			}
		})
	}
}

func compareShared(t *testing.T, was, is *analyzer.Report, rename bool) {
	t.Helper()
	if len(is.Findings) == 0 {
		t.Errorf("renamed %v: %s is gone", rename, was.Findings[0].Scenario)
		return
	}
	a, b := was.Findings[0], is.Findings[0]
	if a.Scenario != b.Scenario || a.Severity != b.Severity {
		t.Errorf("renamed %v: %s (%s) became %s (%s)", rename, a.Scenario, a.Severity, b.Scenario, b.Severity)
	}
}

// forbidAddresses: no address of the finding's conversations may stand in the
// renamed bytes, loopback apart.
func forbidAddresses(t *testing.T, r *analyzer.Report, data []byte) {
	t.Helper()
	for _, c := range r.Conversations {
		for _, end := range []string{c.Client, c.Server} {
			if raw := addressBytes(end); raw != nil && bytes.Contains(data, raw) {
				t.Errorf("renamed, and %s is still there", end)
			}
		}
	}
}

func addressBytes(endpoint string) []byte {
	a, err := netip.ParseAddrPort(endpoint)
	if err != nil || a.Addr().IsLoopback() {
		return nil
	}
	return a.Addr().AsSlice()
}
