package capture

import (
	"strings"
	"testing"

	"pcaplain/analyzer/internal/lang"
)

// Listings as articles print them: the lines with their markup, nothing else of
// the pages. Sources: "Beneath the TCP Handshakes in Modern Networking
// Infrastructures" (ArthurChiao, 2019-10-11) for the first two, and
// "TCP连接卡在SYN_RECV状态:服务端忽略Ack数据包,并且重新传输 Syn Ack数据包" for the third.

const wrongAddressListing = `<span style="color:#333333"><span style="background-color:#f8f8f8"><span style="background-color:#f6f8fa"><code>1 18:56:40.353352 IP 10.4.26.45.35582 <span style="color:#000000"><strong>></strong></span> 10.4.26.234.80: Flags <span style="color:#000000"><strong>[</strong></span>S],  <span style="color:#0086b3">seq </span>853654705, win 29200, length 0
2 18:56:40.353506 IP 10.4.26.11.80 <span style="color:#000000"><strong>></strong></span> 10.4.26.45.35582:  Flags <span style="color:#000000"><strong>[</strong></span>S.], <span style="color:#0086b3">seq </span>914414059, ack 853654706, win 28960, length 0
3 18:56:40.353521 IP 10.4.26.45.35582 <span style="color:#000000"><strong>></strong></span> 10.4.26.11.80:  Flags <span style="color:#000000"><strong>[</strong></span>R],  <span style="color:#0086b3">seq </span>853654706, win 0, length 0
4 18:56:41.395322 IP 10.4.26.45.35582 <span style="color:#000000"><strong>></strong></span> 10.4.26.234.80: Flags <span style="color:#000000"><strong>[</strong></span>S],  <span style="color:#0086b3">seq </span>853654705, win 29200, length 0
5 18:56:41.395441 IP 10.4.26.11.80 <span style="color:#000000"><strong>></strong></span> 10.4.26.45.35582:  Flags <span style="color:#000000"><strong>[</strong></span>S.], <span style="color:#0086b3">seq </span>930694343, ack 853654706, win 28960, length 0
6 18:56:41.395457 IP 10.4.26.45.35582 <span style="color:#000000"><strong>></strong></span> 10.4.26.11.80:  Flags <span style="color:#000000"><strong>[</strong></span>R],  <span style="color:#0086b3">seq </span>853654706, win 0, length 0
</code></span></span></span>`

const resetAfterDataListing = `<span style="color:#333333"><span style="background-color:#f8f8f8"><span style="background-color:#f6f8fa"><code>1 12:10:30.083284 IP 10.6.2.2.51136 <span style="color:#000000"><strong>></strong></span> 10.7.3.3.8080: Flags <span style="color:#000000"><strong>[</strong></span>S],  <span style="color:#0086b3">seq </span>1658620893, win 29200, length 0
2 12:10:30.083513 IP 10.6.3.3.8080 <span style="color:#000000"><strong>></strong></span> 10.7.2.2.51136: Flags <span style="color:#000000"><strong>[</strong></span>S.], <span style="color:#0086b3">seq </span>2918345428, ack 1658620894, win 28960, length 0
3 12:10:30.083612 IP 10.6.2.2.51136 <span style="color:#000000"><strong>></strong></span> 10.7.3.3.8080: Flags <span style="color:#000000"><strong>[</strong></span>.],  ack 1, win 229, length 0
4 12:10:30.083899 IP 10.6.2.2.51136 <span style="color:#000000"><strong>></strong></span> 10.7.3.3.8080: Flags <span style="color:#000000"><strong>[</strong></span>P.], <span style="color:#0086b3">seq </span>1:107, ack 1, win 229, length 106
5 12:10:30.084038 IP 10.6.3.3.8080 <span style="color:#000000"><strong>></strong></span> 10.7.2.2.51136: Flags <span style="color:#000000"><strong>[</strong></span>.],  ack 107, win 227, length 0
6 12:10:30.084251 IP 10.6.3.3.8080 <span style="color:#000000"><strong>></strong></span> 10.7.2.2.51136: Flags <span style="color:#000000"><strong>[</strong></span>R.], <span style="color:#0086b3">seq </span>1, ack 107, win 227, length 0
</code></span></span></span>`

const stuckListing = `Time Source Destination Port Protocol Length Info
08:42:18.387260000 81.74.146.89 124.219.82.236 80 TCP 74 64866 > http [SYN] Seq=0 Win=5840 Len=0 MSS=1460 WS=8 SACK_PERM=1 TSval=988669132 TSecr=0
08:42:18.387309000 124.219.82.236 81.74.146.89 64866 TCP 62 http > 64866 [SYN, ACK] Seq=0 Ack=1 Win=5840 Len=0 MSS=1460 SACK_PERM=1
08:42:18.387354000 81.74.146.89 124.219.82.236 80 TCP 60 64866 > http [ACK] Seq=1 Ack=1 Win=5840 Len=0
08:42:21.386871000 124.219.82.236 81.74.146.89 64866 TCP 62 [TCP Retransmission] http > 64866 [SYN, ACK] Seq=0 Ack=1 Win=5840 Len=0 MSS=1460 SACK_PERM=1
08:42:21.387118000 81.74.146.89 124.219.82.236 80 TCP 66 [TCP Dup ACK 3#1] 64866 > http [ACK] Seq=1 Ack=1 Win=5840 Len=0 SLE=0 SRE=1
08:42:27.386919000 124.219.82.236 81.74.146.89 64866 TCP 62 [TCP Retransmission] http > 64866 [SYN, ACK] Seq=0 Ack=1 Win=5840 Len=0 MSS=1460 SACK_PERM=1
08:42:27.387165000 81.74.146.89 124.219.82.236 80 TCP 66 [TCP Dup ACK 3#2] 64866 > http [ACK] Seq=1 Ack=1 Win=5840 Len=0 SLE=0 SRE=1
08:42:39.387130000 124.219.82.236 81.74.146.89 64866 TCP 62 [TCP Retransmission] http > 64866 [SYN, ACK] Seq=0 Ack=1 Win=5840 Len=0 MSS=1460 SACK_PERM=1
08:42:39.387376000 81.74.146.89 124.219.82.236 80 TCP 66 [TCP Dup ACK 3#3] 64866 > http [ACK] Seq=1 Ack=1 Win=5840 Len=0 SLE=0 SRE=1
08:43:03.387486000 124.219.82.236 81.74.146.89 64866 TCP 62 [TCP Retransmission] http > 64866 [SYN, ACK] Seq=0 Ack=1 Win=5840 Len=0 MSS=1460 SACK_PERM=1
08:43:03.387709000 81.74.146.89 124.219.82.236 80 TCP 66 [TCP Dup ACK 3#4] 64866 > http [ACK] Seq=1 Ack=1 Win=5840 Len=0 SLE=0 SRE=1
08:43:51.588227000 124.219.82.236 81.74.146.89 64866 TCP 62 [TCP Retransmission] http > 64866 [SYN, ACK] Seq=0 Ack=1 Win=5840 Len=0 MSS=1460 SACK_PERM=1
08:43:51.588449000 81.74.146.89 124.219.82.236 80 TCP 66 [TCP Dup ACK 3#5] 64866 > http [ACK] Seq=1 Ack=1 Win=5840 Len=0 SLE=0 SRE=1
08:57:13.679727000 81.74.146.89 124.219.82.236 80 TCP 353 64866 > http [PSH, ACK] Seq=1 Ack=1 Win=5840 Len=299
08:57:13.679740000 124.219.82.236 81.74.146.89 64866 TCP 54 http > 64866 [RST] Seq=1 W`

const aDay = 24 * lang.Hour

func TestListingOfAWrongAddress(t *testing.T) {
	expect(t, sayAll(t, wrongAddressListing), []string{
		"10.4.26.45:35582 > 10.4.26.234:80 S seq 853654705 win 29200 len 0",
		"10.4.26.11:80 > 10.4.26.45:35582 SA seq 914414059 ack 853654706 win 28960 len 0",
		"10.4.26.45:35582 > 10.4.26.11:80 R seq 853654706 win 0 len 0",
		"10.4.26.45:35582 > 10.4.26.234:80 S seq 853654705 win 29200 len 0",
		"10.4.26.11:80 > 10.4.26.45:35582 SA seq 930694343 ack 853654706 win 28960 len 0",
		"10.4.26.45:35582 > 10.4.26.11:80 R seq 853654706 win 0 len 0",
	})
	g := mustRead(t, []byte(wrongAddressListing))
	first := g.frames[0]
	if first.Line.SourceLine != 1 || first.Line.Known&KnownDate != 0 || first.Time != 68_200_353_352_000 {
		t.Errorf("line %d at %d", first.Line.SourceLine, first.Time)
	}
	if want := "1 18:56:40.353352 IP 10.4.26.45.35582 > 10.4.26.234.80: Flags [S],  seq 853654705, win 29200, length 0"; first.Line.Text != want {
		t.Errorf("text %q", first.Line.Text)
	}
}

// The two directions carry different addresses; the numbers still join, and the
// addresses stay.
func TestListingOfAResetAfterData(t *testing.T) {
	expect(t, sayAll(t, resetAfterDataListing), []string{
		"10.6.2.2:51136 > 10.7.3.3:8080 S seq 1658620893 win 29200 len 0",
		"10.6.3.3:8080 > 10.7.2.2:51136 SA seq 2918345428 ack 1658620894 win 28960 len 0",
		"10.6.2.2:51136 > 10.7.3.3:8080 A ack 2918345429 win 229 len 0",
		"10.6.2.2:51136 > 10.7.3.3:8080 PA seq 1658620894 ack 2918345429 win 229 len 106",
		"10.6.3.3:8080 > 10.7.2.2:51136 A ack 1658621000 win 227 len 0",
		"10.6.3.3:8080 > 10.7.2.2:51136 RA seq 2918345429 ack 1658621000 win 227 len 0",
	})
}

// Prose in any encoding before a listing leaves it text, wherever the first look
// ends within a character.
func TestListingAfterProse(t *testing.T) {
	gbk := "\xd7\xa5\xb0\xfc\xc8\xe7\xcf\xc2\xa3\xba\n" // five characters in GBK
	for pad := range 4 {
		for _, prose := range []string{"抓包如下，请看这个例子。\n", gbk} {
			text := strings.Repeat("x", pad) + strings.Repeat(prose, 60) + wrongAddressListing
			if g := readAll([]byte(text), 0); g.err != nil || len(g.frames) != 6 {
				t.Errorf("%q after %d: %d frames, error %v", prose, pad, len(g.frames), g.err)
			}
		}
	}
}

// One text with both: the second begins earlier in the day, so a day is added.
func TestTwoListingsInOneText(t *testing.T) {
	g := mustRead(t, []byte(wrongAddressListing+"\n文字，说明。\n"+resetAfterDataListing))
	if len(g.frames) != 12 || g.frames[11].Time != aDay+43_830_084_251_000 || len(g.info.Unread) != 0 {
		t.Errorf("%d frames, last at %d, unread %v", len(g.frames), g.frames[11].Time, g.info.Unread)
	}
}

func TestListingOfAStuckHandshake(t *testing.T) {
	const (
		client = "81.74.146.89:64866 > 124.219.82.236:80 "
		server = "124.219.82.236:80 > 81.74.146.89:64866 "
		syn    = client + "S seq 0 win 5840 len 0 wire 74 opt 020405b40402080a3aede4cc0000000001030303 relative"
		synack = server + "SA seq 0 ack 1 win 5840 len 0 wire 62 opt 020405b401010402 relative"
		ack    = client + "A seq 1 ack 1 win 5840 len 0 wire 60 opt  relative"
		dup    = client + "A seq 1 ack 1 win 5840 len 0 wire 66 opt 0101050a0000000000000001 relative"
	)
	expect(t, sayAll(t, stuckListing), []string{
		syn, synack, ack, synack, dup, synack, dup, synack, dup, synack, dup, synack, dup,
		client + "PA seq 1 ack 1 win 5840 len 299 wire 353 opt  relative",
		server + "R seq 1 wire 54 relative", // the line is cut after "Seq=1 W"
	})
	g := mustRead(t, []byte(stuckListing))
	if last := g.frames[14]; last.Time != 32_233_679_740_000 || last.Line.SourceLine != 16 || !strings.HasSuffix(last.Line.Text, "Seq=1 W") {
		t.Errorf("last frame at %d, line %d: %q", last.Time, last.Line.SourceLine, last.Line.Text)
	}
}

// A number where the line was cut may be cut itself.
func TestCutNumberIsNotBelieved(t *testing.T) {
	cut := stuckListing[:strings.LastIndex(stuckListing, "Ack=1")] + "Ack=1"
	lines := sayAll(t, cut)
	if got := lines[len(lines)-1]; got != "81.74.146.89:64866 > 124.219.82.236:80 PA seq 1 wire 353 relative" {
		t.Error(got)
	}
}

func TestTextChunksDoNotMatter(t *testing.T) {
	listing := []byte(wrongAddressListing + "\n" + resetAfterDataListing + "\n" + stuckListing)
	whole := readAll(listing, 0)
	for _, size := range []int{1, 2, 13, 600, -1} {
		if err := same(whole, readAll(listing, size)); err != nil {
			t.Errorf("chunks of %d: %v", size, err)
		}
	}
}

func TestEveryPrefixOfAListing(t *testing.T) {
	for _, listing := range []string{resetAfterDataListing, stuckListing} {
		whole := mustRead(t, []byte(listing)).frames
		for n := range len(listing) {
			g := readAll([]byte(listing[:n]), 0)
			if err := sane(nil, g); err != nil {
				t.Fatalf("%d bytes: %v", n, err)
			}
			for i := range max(0, len(g.frames)-1) { // the last may be cut
				if say(g.frames[i]) != say(whole[i]) {
					t.Fatalf("%d bytes: packet %d is %s", n, i+1, say(g.frames[i]))
				}
			}
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte(wrongAddressListing), uint8(1))
	f.Add([]byte(resetAfterDataListing), uint8(9))
	f.Add([]byte(stuckListing), uint8(50))
	f.Add([]byte("12:00:00.1 IP 10.0.0.1.1000 > 10.0.0.2.22: Flags [S], seq 1, win 9, options [mss 1460,sack 1 {1:2},TS val 1 ecr 0], length 0\n\t0x0000:  4500 0028 0001 4000 4006 26cc 0a00 0001  E..\n"), uint8(3))
	f.Add([]byte("IP6 fe80::1%e.10 > h.http: S 1:2(1) win 5 <mss 1,nop,wscale 3> (DF)\n0000  45 00 00 28 00 01 40 00 40 06 26 cc 0a 00 00 01\n"), uint8(3))
	f.Fuzz(func(t *testing.T, input []byte, size uint8) {
		g := readLimited(input, 0)
		if err := sane(input, g); err != nil {
			t.Fatal(err)
		}
		if err := same(g, readLimited(input, int(size)+1)); err != nil {
			t.Fatal(err)
		}
	})
}
