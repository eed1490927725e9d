package scenario

import (
	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

// A tap that sees one packet twice writes it twice. Nothing is wrong with the
// connection; counted naively it looks like retransmissions.

const (
	// copiesShare is the share of TCP packets from which copies are worth a word.
	copiesShare = 0.05
	// copiesLeast is the same as a number, for short captures.
	copiesLeast = 3
	// copiesShown is how many pairs the finding names.
	copiesShown = 4
)

var duplicateCapture = Scenario{
	ID:    "duplicate-capture",
	Title: lang.Text{EN: "Packets were recorded twice", ZH: "包被重复抓取"},
	Summary: lang.Text{
		EN: "The capture holds each of many packets twice. The network carried them once.",
		ZH: "抓包文件中许多包各出现两次，而网络上只传输了一次。",
	},
	Meaning: lang.Text{
		EN: "A capture on all interfaces of a host sees a forwarded packet come in and go out; a bridge shows it on the bridge and on the port; a mirror of two switch ports shows it at both. Second recordings are left out of the analysis here, so that they do not pass for retransmissions or duplicate acknowledgements.",
		ZH: "在主机的所有接口上抓包，会看到被转发的包进来一次、出去一次；网桥会在网桥设备和端口上各看到一次；镜像两个交换机端口也会各看到一次。这里的分析已略去第二次记录，以免被当成重传或重复确认。",
	},
	Recognised: []lang.Text{
		{EN: "Two records agree in everything a sender sets, IP ID included, and lie close together.", ZH: "两条记录在发送方设置的一切字段上（包括 IP ID）都相同，且时间极近。"},
		{EN: "They differ in place: interface, MAC addresses, direction, or a TTL lowered by a router.", ZH: "不同的只是位置：接口、MAC 地址、方向，或被路由器减小的 TTL。"},
	},
	Confused: []Confusion{
		{ID: "packet-duplicated", Text: lang.Text{EN: "there the network delivered the packet twice, and the receiver says so", ZH: "那里是网络真的投递了两次，接收方会有表示"}},
		{ID: "ttl-loop", Text: lang.Text{EN: "there one packet comes by many times with an ever lower TTL", ZH: "那里同一个包反复经过，TTL 越来越小"}},
		{ID: "spurious-retransmission", Text: lang.Text{EN: "a real retransmission has a new IP ID or timestamp, or comes a timeout later", ZH: "真正的重传有新的 IP ID 或时间戳，或至少相隔一个超时"}},
	},
	Fixes: []lang.Text{
		{EN: "Nothing to mend in the network. Capture on one interface, or remove the copies: editcap -d.", ZH: "网络无需修复。只在一个接口上抓包，或用 editcap -d 去重。"},
	},
	References: []Reference{
		{Title: "TCP analysis and the five-tuple", Author: "Jasper Bongertz", Date: "2015-03", URL: "https://blog.packet-foo.com/2015/03/tcp-analysis-and-the-five-tuple/"},
		{Title: "How to filter duplicate packets from a capture file", URL: "http://www.thevisiblenetwork.com/2014/02/11/filter-duplicate-packets-from-a-capture-file/"},
	},
	Symptom: SymptomCapture,
	Detect:  detectDuplicateCapture,
}

// Reported when at least 3 packets and 5 % of the TCP packets are second
// recordings of others. Never more than info.
func detectDuplicateCapture(x *Context) []Finding {
	if x.Copies < copiesLeast || float64(x.Copies) < copiesShare*float64(x.TCPPackets) {
		return nil
	}
	k := copies{kinds: map[conversation.CopyKind]int{}}
	var with []*conversation.Conversation
	for _, c := range x.Conversations {
		if c.Copies == 0 {
			continue
		}
		with = append(with, c)
		k.collect(c)
	}
	if len(k.pairs) == 0 {
		return nil
	}
	symptom := Likely
	if 3*x.Copies >= x.TCPPackets {
		symptom = Certain
	}
	f := x.finding(Info, symptom, k.certainty(), with[:min(len(with), mostOccurrences)]...)
	k.tell(x, f)
	return []Finding{*f}
}

// copies collects pairs of recordings of one packet.
type copies struct {
	pairs   [][2]int // packet numbers
	kinds   map[conversation.CopyKind]int
	longest int64 // ns between two recordings of one packet
}

func (k *copies) collect(c *conversation.Conversation) {
	for i := range c.Segments {
		o, kind, ok := c.Original(i)
		if !ok {
			continue
		}
		k.kinds[kind]++
		k.longest = max(k.longest, c.Segments[i].Time-c.Segments[o].Time)
		if len(k.pairs) < copiesShown {
			k.pairs = append(k.pairs, [2]int{n(c, o), n(c, i)})
		}
	}
}

// main is the commonest way in which the copies differ from their originals.
func (k *copies) main() conversation.CopyKind {
	best := conversation.CopySame
	for _, kind := range []conversation.CopyKind{conversation.CopyPassed, conversation.CopyForward} {
		if k.kinds[kind] > k.kinds[best] {
			best = kind
		}
	}
	return best
}

func (k *copies) certainty() string {
	if k.main() == conversation.CopySame {
		return Likely
	}
	return Certain
}

func (k *copies) tell(x *Context, f *Finding) {
	var packets []int
	for _, p := range k.pairs {
		packets = append(packets, p[0], p[1])
		f.shows(p[1], "the same packet as #%d, recorded again", "与 #%d 是同一个包，再次被记录", p[0])
	}
	f.Summary = lang.T("%s of %s TCP packets are second recordings of others; they are left out of the analysis.", "%[2]s 个 TCP 包中有 %[1]s 个是重复记录，分析时已略去。", lang.Number(int64(x.Copies)), lang.Number(int64(x.TCPPackets)))
	p := k.pairs[0]
	f.say(packets, "#%d and #%d are one packet: every field its sender set is the same. So it is with %s in all, at most %s apart.", "#%d 与 #%d 是同一个包：发送方设置的每个字段都相同。这样成对的包共 %s，相隔最多 %s。",
		p[0], p[1], lang.Count(x.Copies, "pair", "pairs", "对"), lang.Duration(k.longest))
	where, decides := k.where()
	f.may(k.certainty(), where, decides)
	f.confirm(lang.Text{EN: "The capture without second recordings:", ZH: "去除重复记录："}, "editcap -d input.pcap output.pcap")
}

func (k *copies) where() (text, decides lang.Text) {
	switch k.main() {
	case conversation.CopyForward:
		return lang.Text{EN: "The capture point sees the packets before and after a router, most likely on the router itself", ZH: "抓包点同时看到路由前后的包，很可能就在路由器本机上"},
			lang.Text{EN: "The second recording has a lower TTL.", ZH: "第二次记录的 TTL 更小。"}
	case conversation.CopyPassed:
		return lang.Text{EN: "The capture runs on several interfaces that a packet passes one after the other, such as a bridge and its ports", ZH: "抓包在包先后经过的多个接口上进行，例如网桥及其端口"},
			lang.Text{EN: "The second recording has another interface, direction or pair of MAC addresses.", ZH: "第二次记录的接口、方向或 MAC 地址对不同。"}
	}
	return lang.Text{EN: "Two taps or mirrored ports feed one file", ZH: "两个探针或镜像端口写入了同一文件"},
		lang.Text{EN: "The configuration of the tap or of the switch's mirror session.", ZH: "探针或交换机镜像会话的配置。"}
}
