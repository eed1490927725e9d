package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// Packets that arrived and are not in the file: the capture lost them, not the
// network.

var captureLoss = Scenario{
	ID:    "capture-loss",
	Title: lang.Text{EN: "Packets are missing from the capture, not from the network", ZH: "缺失的是抓包，不是网络：有包没有被抓到"},
	Summary: lang.Text{
		EN: "Bytes are acknowledged that are not in the file, and nobody asks for them again.",
		ZH: "有字节被确认，却不在文件里，也没有人要求重传。",
	},
	Meaning: lang.Text{
		EN: "The capturing host, the mirror port or the tap was too slow, or only a part of the traffic was recorded. What rests on a packet being absent is therefore less sure near these places.",
		ZH: "抓包主机、镜像端口或分路器速度不够，或只记录了部分流量。因此在这些位置附近，凡以“没有某个包”为依据的结论都要打折扣。",
	},
	Recognised: []lang.Text{
		{EN: "An acknowledgement of bytes that no packet in the file carries.", ZH: "确认号覆盖了文件中没有任何包携带的字节。"},
		{EN: "No repetition follows: the receiver did get them.", ZH: "此后没有重传：接收方确实收到了。"},
	},
	Confused: []Confusion{
		{ID: "packet-loss", Text: lang.Text{EN: "there the receiver asks again and the bytes are repeated", ZH: "那里接收方会要求重发，字节被重传"}},
		{ID: "asymmetric-routing-stateful-drop", Text: lang.Text{EN: "there a whole direction is missing", ZH: "那里整个方向都不见"}},
	},
	Fixes: []lang.Text{
		{EN: "Capture with a larger buffer (tcpdump -B), a smaller snap length or a narrower filter; write to a fast disk.", ZH: "抓包时用更大的缓冲区（tcpdump -B）、更小的抓包长度或更窄的过滤条件，并写入快速磁盘。"},
		{EN: "On a mirror port, mirror fewer ports than its bandwidth carries.", ZH: "使用镜像端口时，不要镜像超过其带宽的流量。"},
	},
	References: []Reference{
		{Title: "TCP analysis and the five-tuple", Author: "Jasper Bongertz", Date: "2015-03", URL: "https://blog.packet-foo.com/2015/03/tcp-analysis-and-the-five-tuple/"},
	},
	Symptom: SymptomCapture,
	Detect:  detectCaptureLoss,
}

// Reported as info when acknowledgements cover bytes that are nowhere in the
// file. Not reported for a connection of which a whole side is missing, or when
// the bytes stand just behind the acknowledgement.
func detectCaptureLoss(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		if c.OneSided() {
			continue
		}
		if at := c.UnseenAcks(); len(at) > 0 {
			out = append(out, *x.tellCaptureLoss(c, at))
		}
	}
	return out
}

func (x *Context) tellCaptureLoss(c *conversation.Conversation, at []int) *Finding {
	f := x.finding(Info, Certain, Likely, c)
	p := numbers(c, at...)
	f.Summary = lang.T("In %s – %s, %s bytes that are not in the file and were not sent again: they arrived, only the capture lacks them.", "%s 与 %s 之间，%s确认了文件中没有、也未被重传的字节：它们已送达，只是没有被抓到。",
		c.Client, c.Server, lang.Count(len(p), "packet acknowledges", "packets acknowledge", "个包"))
	f.say(p, "Acknowledged, though no packet of the file carries those bytes: %s.", "已被确认，但文件中没有任何包携带这些字节：%s。", refs(p))
	for i, number := range p {
		if i == 8 {
			break
		}
		f.shows(number, "acknowledges bytes that are not in the file", "确认了文件中没有的字节")
	}
	f.say(p, "Nobody asked for them again, so the receiver had them.", "没有人要求重传，可见接收方已经收到。")
	f.may(Likely, lang.Text{EN: "The capture dropped packets: buffer, disk or mirror port too slow", ZH: "抓包时丢了包：缓冲区、磁盘或镜像端口跟不上"},
		lang.Text{EN: "tcpdump prints \"packets dropped by kernel\" at its end; pcapng files carry the count.", ZH: "tcpdump 结束时会打印 packets dropped by kernel；pcapng 文件中也有该计数。"})
	f.may(Possible, lang.Text{EN: "Only a part of the traffic was recorded on purpose (sampling, a filter, one of several links)", ZH: "有意只记录了部分流量（采样、过滤、多条链路之一）"},
		lang.Text{EN: "How the capture was taken.", ZH: "查看抓包方式。"})
	f.Drawing.Lanes = twoLanes(c)
	return f.grouped("capture", c.Client.String())
}
