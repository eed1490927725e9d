package scenario

import (
	"pcaplain/analyzer/internal/lang"
)

// An old segment wakes a connection in TIME_WAIT, its ACK draws a reset from the
// peer that has forgotten it, and the reset ends TIME_WAIT early (RFC 1337).

var timewaitAssassination = Scenario{
	ID:    "timewait-assassination",
	Title: lang.Text{EN: "A stray old segment ended TIME_WAIT early", ZH: "一个迟到的旧包提前终结了 TIME_WAIT"},
	Summary: lang.Text{
		EN: "After a complete close an old segment led to a reset, and the pair of endpoints was used again at once.",
		ZH: "连接完整关闭之后，一个旧包引出了 RST，这对端点随即被重新使用。",
	},
	Meaning: lang.Text{
		EN: "TIME_WAIT keeps old duplicates of a closed connection away from its successor. An old duplicate that arrives is answered by an ACK; the other side, which has closed completely, answers that with a RST, and a stack that honours it frees the pair too early. Old segments may then fall into the new connection. It is rare and usually harmless.",
		ZH: "TIME_WAIT 用来防止已关闭连接的旧的重复包混入后继连接。若有旧包到达，会引出一个 ACK；已完全关闭的另一方对它回以 RST，接受该 RST 的协议栈就会过早释放这对端点，旧包此后可能落入新连接。这种情况罕见，通常无害。",
	},
	Recognised: []lang.Text{
		{EN: "After both FINs are acknowledged: an old segment, an ACK for it, a RST for that ACK, and within a minute a new SYN on the same endpoints that is accepted.", ZH: "双方 FIN 均已确认之后：一个旧包，对它的 ACK，对该 ACK 的 RST，一分钟之内同一对端点上的新 SYN 被接受。"},
	},
	Confused: []Confusion{
		{ID: "timewait-port-reuse", Text: lang.Text{EN: "there it is the new SYN that draws the ACK and the RST", ZH: "那里引出 ACK 和 RST 的是新的 SYN"}},
	},
	Fixes: []lang.Text{
		{EN: "net.ipv4.tcp_rfc1337=1 makes TIME_WAIT ignore such resets; avoid using one tuple again and again.", ZH: "设置 net.ipv4.tcp_rfc1337=1 可让 TIME_WAIT 忽略此类 RST；避免反复使用同一四元组。"},
	},
	References: []Reference{
		{Title: "RFC 1337: TIME-WAIT Assassination Hazards in TCP", Author: "R. Braden", Date: "1992-05", URL: "https://www.rfc-editor.org/rfc/rfc1337"},
	},
	Symptom: SymptomClose,
	Over:    []string{"half-open-after-crash", "data-after-close"},
	Detect:  detectTimewaitAssassination,
}

// Reported when all four packets are there: after both sides' FINs were
// acknowledged an old segment, the ACK it draws from the side that closed first,
// the bare reset that answers this ACK, and a SYN-ACK for a new SYN on the same
// endpoints within 60 s of it. Info.
func detectTimewaitAssassination(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		e := c.Later
		if e == nil || len(e.Handshake().SYNACKs) == 0 {
			continue
		}
		w, ok := c.WokenTimeWait()
		if !ok || e.First-c.Segments[w.Reset].Time > entryClosed/2 {
			continue
		}
		f := x.finding(Info, Certain, Possible, c, e)
		f.Summary = lang.T("After %s and %s had closed, an old segment led to a reset that freed their ports early.", "%s 与 %s 关闭之后，一个旧包引出的 RST 提前释放了这对端口。", c.Client, c.Server)
		f.say(numbers(c, w.Old), "Both sides had closed when an old segment arrived #%d.", "双方都已关闭，此后又到达一个旧包 #%d。", n(c, w.Old))
		f.say(numbers(c, w.ACK, w.Reset), "The side in TIME_WAIT acknowledged it #%d; the other, which had forgotten the connection, answered with a RST #%d.", "处于 TIME_WAIT 的一方对它作了确认 #%d；已忘记该连接的另一方回了 RST #%d。", n(c, w.ACK), n(c, w.Reset))
		f.say([]int{firstNumber(e), n(e, e.Handshake().SYNACKs[0])}, "%s later a new SYN on the same endpoints was accepted (#%d, #%d).", "%s 后，同一对端点上的新 SYN 被接受（#%d、#%d）。", lang.Duration(e.First-c.Segments[w.Reset].Time), firstNumber(e), n(e, e.Handshake().SYNACKs[0]))
		f.shows(n(c, w.Old), "old segment after the close", "关闭之后的旧包")
		f.shows(n(c, w.ACK), "TIME_WAIT answers it", "TIME_WAIT 的应答")
		f.shows(n(c, w.Reset), "the reset that frees the pair", "释放这对端点的 RST")
		f.may(Possible, lang.Text{EN: "A duplicate delayed in the network or a late retransmission", ZH: "网络中滞留的重复包，或迟到的重传"}, lang.T("The IP ID and timestamp of #%d against its original.", "将 #%d 的 IP ID 与时间戳同原来的包比较。", n(c, w.Old)))
		f.confirm(lang.Text{EN: "On the side in TIME_WAIT:", ZH: "在处于 TIME_WAIT 的一方："}, "sysctl net.ipv4.tcp_rfc1337")
		out = append(out, *f.grouped(c.Server.String(), portLabel(c.Client)))
	}
	return out
}
