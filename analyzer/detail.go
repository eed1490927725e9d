package analyzer

import (
	"fmt"
	"strconv"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/ladder"
	"pcaplain/analyzer/internal/lang"
	"pcaplain/analyzer/internal/packet"
)

// PacketDetail is one packet in words and fields.
type PacketDetail struct {
	Number        int          `json:"number"`
	Conversation  int          `json:"conversation"`
	Time          string       `json:"time"` // RFC 3339 with nanoseconds
	From          string       `json:"from"`
	To            string       `json:"to"`
	Title         Text         `json:"title"`    // "SYN-ACK"
	Sentence      Text         `json:"sentence"` // what it says, plainly
	Tags          []TagDetail  `json:"tags"`
	Groups        []FieldGroup `json:"groups"`
	Previous      int          `json:"previous"`      // packet before it in the conversation, 0 for none
	SincePrevious float64      `json:"sincePrevious"` // ns
	Next          int          `json:"next"`          // packet after it, 0 for none
	UntilNext     float64      `json:"untilNext"`     // ns
	Offset        float64      `json:"offset"`        // of the frame in the (unpacked) capture
	Length        int          `json:"length"`        // captured bytes; 0 for a listing
}

// TagDetail explains one tag.
type TagDetail struct {
	ID      string `json:"id"`
	Name    Text   `json:"name"`
	Meaning Text   `json:"meaning"`
}

// FieldGroup is the fields of one layer.
type FieldGroup struct {
	Name   Text    `json:"name"`
	Fields []Field `json:"fields"`
}

// Field is one header field. Raw is the wire's number where Value is relative
// or scaled. Known is false when the capture does not state it.
type Field struct {
	Name    Text   `json:"name"`
	Value   string `json:"value"`
	Raw     string `json:"raw"`
	Meaning Text   `json:"meaning"`
	Known   bool   `json:"known"`
}

// PacketDetail explains a TCP packet by its number; nil when it was not kept or
// is no TCP packet.
func (a *Analysis) PacketDetail(number int) *PacketDetail {
	c, at := a.locate(number)
	if c == nil {
		return nil
	}
	s := &c.Segments[at]
	d := &PacketDetail{Number: number, Conversation: c.ID, Time: stamp(s.Time), From: c.Addr(s.From).String(), To: c.Addr(s.From.Other()).String(),
		Title: lang.Same(ladder.FlagWords(s)), Sentence: a.sentence(c, at), Tags: tagDetails(s.Tags), Offset: float64(s.Offset), Length: int(s.CapLen)}
	if s.Offset < 0 {
		d.Length = 0
	}
	if at > 0 {
		p := &c.Segments[at-1]
		d.Previous, d.SincePrevious = int(p.Number), float64(s.Time-p.Time)
	}
	if at+1 < len(c.Segments) {
		n := &c.Segments[at+1]
		d.Next, d.UntilNext = int(n.Number), float64(n.Time-s.Time)
	}
	d.Groups = a.groups(c, s)
	return d
}

// locate finds a kept packet by its number.
func (a *Analysis) locate(number int) (*conversation.Conversation, int) {
	for _, c := range a.set.Conversations {
		for i := range c.Segments {
			if int(c.Segments[i].Number) == number {
				return c, i
			}
		}
	}
	return nil, 0
}

// sentence says in one plain sentence what a packet does.
func (a *Analysis) sentence(c *conversation.Conversation, at int) Text {
	s := &c.Segments[at]
	from, to := c.Addr(s.From), c.Addr(s.From.Other())
	switch {
	case s.IsCopy():
		return lang.T("The same packet recorded a second time; it is left out of the analysis.", "同一个包的第二次记录，分析时略去。")
	case s.PureSYN():
		return lang.T("%s asks %s to open a connection.", "%s 请求与 %s 建立连接。", from, to)
	case s.SYNACK():
		return lang.T("%s agrees to open the connection and acknowledges the SYN of %s.", "%s 同意建立连接，并确认了 %s 的 SYN。", from, to)
	case s.Reset():
		return resetSentence(c, at)
	case s.Len > 0:
		return dataSentence(c, s)
	case s.FIN():
		return lang.T("%s has sent everything and closes its side.", "%s 已发完全部数据，关闭自己这一方向。", from)
	}
	return ackSentence(c, s)
}

func resetSentence(c *conversation.Conversation, at int) Text {
	s := &c.Segments[at]
	from := c.Addr(s.From)
	for _, r := range c.Resets() {
		if r.At != at {
			continue
		}
		trigger := 0
		if r.Trigger >= 0 {
			trigger = int(c.Segments[r.Trigger].Number)
		}
		switch r.Form {
		case conversation.ResetRefusal:
			return lang.T("A RST carrying the address of %s refuses the SYN #%d: nobody there takes connections on this port, or a device speaks for it.", "带有 %s 地址的 RST 拒绝了 SYN #%d：该端口无人监听，或途中设备代为拒绝。", from, trigger)
		case conversation.ResetNobody:
			return lang.T("A RST carrying the address of %s answers #%d: whoever sent it knows no such connection.", "带有 %s 地址的 RST 回应 #%d：发送者不认识这个连接。", from, trigger)
		case conversation.ResetAbort:
			return lang.T("A RST carrying the address of %s with the connection's own numbers: a live socket gave it up. It acknowledges everything it had received.", "带有 %s 地址且使用本连接序列号的 RST：一个存活的套接字放弃了连接。它确认了已收到的全部数据。", from)
		case conversation.ResetCleanup:
			return lang.T("A RST carrying the address of %s with its own next number and without ACK: a device or stack clearing an idle connection.", "带有 %s 地址、使用其下一个序列号且不带 ACK 的 RST：设备或协议栈在清理空闲连接。", from)
		}
	}
	return lang.T("A RST carrying the address of %s ends the connection at once.", "带有 %s 地址的 RST 立即终止连接。", from)
}

func dataSentence(c *conversation.Conversation, s *conversation.Segment) Text {
	from := c.Addr(s.From)
	size := lang.Bytes(int64(s.Len))
	switch {
	case s.Tags.Has(conversation.TagKeepAlive):
		return lang.T("%s asks whether the other side is still there, with one byte it sent before.", "%s 用一个已发过的字节询问对方是否还在。", from)
	case s.Tags.Has(conversation.Repeat):
		return lang.T("%s sends %s again.", "%s 重传 %s。", from, size)
	case s.FIN():
		return lang.T("%s sends its last %s and closes its side.", "%s 发送最后 %s，并关闭自己这一方向。", from, size)
	}
	return lang.T("%s sends %s.", "%s 发送 %s。", from, size)
}

func ackSentence(c *conversation.Conversation, s *conversation.Segment) Text {
	from := c.Addr(s.From)
	switch {
	case s.Tags.Has(conversation.TagKeepAlive):
		return lang.T("%s asks whether the other side is still there.", "%s 询问对方是否还在。", from)
	case s.Tags.Has(conversation.TagKeepAliveAck):
		return lang.T("%s answers that it is still there.", "%s 回应自己仍在。", from)
	case s.Tags.Has(conversation.TagZeroWindowProbe):
		return lang.T("%s asks whether the closed window has opened.", "%s 探测关闭的窗口是否已打开。", from)
	case s.Tags.Has(conversation.TagZeroWindow):
		return lang.T("%s acknowledges and closes its window: it can take no more for now.", "%s 确认并把窗口关到零：暂时收不下更多数据。", from)
	case s.Tags.Has(conversation.TagDuplicateAck):
		return lang.T("%s acknowledges the same byte once more: something after it arrived out of turn, or arrived twice.", "%s 再次确认同一字节：其后的数据乱序到达，或重复到达。", from)
	case s.Tags.Has(conversation.TagWindowUpdate):
		return lang.T("%s opens its window further.", "%s 扩大了窗口。", from)
	case s.Tags.Has(conversation.TagStray):
		return lang.T("An acknowledgement carrying the address of %s with numbers that are not this connection's.", "带有 %s 地址的确认，但编号不属于这个连接。", from)
	}
	return lang.T("%s acknowledges everything up to byte %s.", "%s 确认收到第 %s 字节之前的全部数据。", from, lang.Number(int64(c.RelAck(s))))
}

// groups lists the fields that were kept, layer by layer.
func (a *Analysis) groups(c *conversation.Conversation, s *conversation.Segment) []FieldGroup {
	return []FieldGroup{
		{Name: lang.Same("TCP"), Fields: a.tcpFields(c, s)},
		{Name: lang.Same("IP"), Fields: ipFields(s)},
		{Name: Text{EN: "Frame", ZH: "帧"}, Fields: a.frameFields(s)},
	}
}

func (a *Analysis) tcpFields(c *conversation.Conversation, s *conversation.Segment) []Field {
	knows := func(k packet.Known) bool { return s.Known&k == k }
	ack := s.Flags&packet.ACK != 0
	seq, acked := ladder.Numbers(c, s)
	fields := []Field{
		field("Flags", "标志", ladder.FlagWords(s), "", true),
		field("Sequence number", "序列号", seq, absolute(c, s.Seq), true),
		field("Acknowledgement number", "确认号", acked, absolute(c, s.Ack), ack),
		field("Payload", "负载", strconv.Itoa(int(s.Len)), "", knows(packet.KnownPayloadLen)),
		a.windowField(c, s),
	}
	if x := a.set.ExtraOf(s); x != nil && x.MSS > 0 {
		fields = append(fields, field("Maximum segment size", "最大报文段长度（MSS）", fmt.Sprint(x.MSS), "", true))
	}
	if x := a.set.ExtraOf(s); x != nil && x.Options&packet.OptWindowScale != 0 {
		fields = append(fields, field("Window scale", "窗口扩大因子", fmt.Sprintf("%d (× %d)", x.WindowScale, 1<<min(x.WindowScale, 14)), "", true))
	}
	if x := a.set.ExtraOf(s); x != nil {
		for _, b := range x.SACK {
			from := c.Flows[s.From.Other()]
			fields = append(fields, field("SACK", "选择确认（SACK）", fmt.Sprintf("%d–%d", b.Left-from.Base+1, b.Right-from.Base+1), fmt.Sprintf("%d–%d", b.Left, b.Right), true))
		}
	}
	fields = append(fields, field("Timestamp", "时间戳", fmt.Sprint(s.TSVal), "", s.HasTS()),
		field("Timestamp echo", "时间戳回显", fmt.Sprint(s.TSEcr), "", s.HasTS()),
		field("Checksum", "校验和", checksumWords[s.Check].EN, "", s.Check != packet.ChecksumUnverified))
	return fields
}

var checksumWords = map[packet.Checksum]Text{
	packet.ChecksumGood:    {EN: "good", ZH: "正确"},
	packet.ChecksumBad:     {EN: "wrong", ZH: "错误"},
	packet.ChecksumPartial: {EN: "left to the network card", ZH: "留给网卡计算"},
	packet.ChecksumZero:    {EN: "zero", ZH: "零"},
}

func (a *Analysis) windowField(c *conversation.Conversation, s *conversation.Segment) Field {
	bytes, scaled := c.Window(s)
	f := field("Window", "窗口", fmt.Sprint(bytes), "", s.Known&packet.KnownWindow != 0)
	if scaled && bytes != int64(s.Window) {
		f.Raw = fmt.Sprint(s.Window)
	}
	if !scaled && s.Window != 0 {
		f.Meaning = Text{EN: "unscaled: the handshake is not in the capture", ZH: "未缩放：抓包中没有握手过程"}
	}
	return f
}

func absolute(c *conversation.Conversation, n uint32) string {
	if c.Relative {
		return ""
	}
	return fmt.Sprint(n)
}

func field(en, zh, value, raw string, known bool) Field {
	return Field{Name: Text{EN: en, ZH: zh}, Value: value, Raw: raw, Known: known}
}

func ipFields(s *conversation.Segment) []Field {
	df := "0"
	if s.Bits&conversation.BitDF != 0 {
		df = "1"
	}
	return []Field{
		field("Time to live", "生存时间（TTL）", fmt.Sprint(s.TTL), "", s.Known&packet.KnownTTL != 0),
		field("Identification", "标识（ID）", fmt.Sprintf("%d (0x%04x)", s.IPID, s.IPID), "", s.Known&packet.KnownIPID != 0),
		field("Do not fragment", "禁止分片（DF）", df, "", s.Known&packet.KnownIPID != 0),
	}
}

func (a *Analysis) frameFields(s *conversation.Segment) []Field {
	link := a.set.Link(s)
	fields := []Field{
		field("Length on the wire", "线路长度", fmt.Sprint(s.WireLen), "", s.Known&packet.KnownWireLen != 0),
		field("Captured", "捕获长度", fmt.Sprint(s.CapLen), "", s.Offset >= 0),
		field("Source MAC", "源 MAC", mac(link.SrcMAC), "", link.HasMAC),
		field("Destination MAC", "目的 MAC", mac(link.DstMAC), "", link.HasMAC),
	}
	if names := a.reader.Info().Interfaces; link.Interface < len(names) && names[link.Interface].Name != "" {
		fields = append(fields, field("Interface", "接口", names[link.Interface].Name, "", true))
	}
	if link.VLAN != 0 {
		fields = append(fields, field("VLAN", "VLAN", fmt.Sprint(link.VLAN), "", true))
	}
	return fields
}

func mac(m [6]byte) string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}
