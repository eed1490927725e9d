package analyzer

import "pcaplain/analyzer/internal/conversation"

// tagTexts explain the tags: name and meaning.
var tagTexts = map[string][2]Text{
	"retransmission":          {{EN: "sent again", ZH: "重传"}, {EN: "These bytes were sent before.", ZH: "这些字节之前发送过。"}},
	"fast_retransmission":     {{EN: "fast retransmission", ZH: "快速重传"}, {EN: "Sent again because repeated acknowledgements pointed at the hole, without waiting for the timer.", ZH: "重复确认指出了空洞，未等定时器到期就重传。"}},
	"spurious_retransmission": {{EN: "needless retransmission", ZH: "多余重传"}, {EN: "Sent again although it was already acknowledged at this capture point.", ZH: "在抓包点看来早已被确认，却又重传。"}},
	"out_of_order":            {{EN: "out of order", ZH: "乱序"}, {EN: "Arrived behind a packet that was sent after it.", ZH: "比后发的包更晚到达。"}},
	"lost_segment":            {{EN: "a segment before it is missing", ZH: "之前有报文段缺失"}, {EN: "Bytes before this packet are not in the capture.", ZH: "此包之前的字节不在抓包中。"}},
	"ack_lost_segment":        {{EN: "acknowledges what was not captured", ZH: "确认了未抓到的数据"}, {EN: "The receiver has bytes that the capture lacks: the capture lost packets, not the network.", ZH: "接收方收到了抓包中没有的字节：丢包的是抓包，不是网络。"}},
	"duplicate_ack":           {{EN: "duplicate acknowledgement", ZH: "重复确认"}, {EN: "Acknowledges the same byte as before: something arrived out of turn.", ZH: "与之前确认同一字节：有数据未按顺序到达。"}},
	"window_update":           {{EN: "window update", ZH: "窗口更新"}, {EN: "Only the window grew.", ZH: "仅窗口变大。"}},
	"window_full":             {{EN: "fills the window", ZH: "填满窗口"}, {EN: "The sender may send no more until the receiver opens its window.", ZH: "在接收方打开窗口之前，发送方不能再发。"}},
	"zero_window":             {{EN: "window closed", ZH: "零窗口"}, {EN: "The receiver can take nothing more for now.", ZH: "接收方暂时收不下任何数据。"}},
	"zero_window_probe":       {{EN: "window probe", ZH: "窗口探测"}, {EN: "Asks whether the closed window has opened.", ZH: "探测关闭的窗口是否已打开。"}},
	"zero_window_probe_ack":   {{EN: "answer to a window probe", ZH: "窗口探测的回应"}, {EN: "The window is still closed.", ZH: "窗口仍然关闭。"}},
	"keep_alive":              {{EN: "keepalive", ZH: "保活探测"}, {EN: "Asks whether the other side still knows the connection.", ZH: "询问对方是否还认得这个连接。"}},
	"keep_alive_ack":          {{EN: "answer to a keepalive", ZH: "保活回应"}, {EN: "It does.", ZH: "对方仍认得。"}},
	"reused_ports":            {{EN: "ports used again", ZH: "端口重用"}, {EN: "An earlier connection had the same addresses and ports.", ZH: "之前有连接使用过相同的地址和端口。"}},
	"tfo_syn":                 {{EN: "asks for Fast Open", ZH: "请求 Fast Open"}, {EN: "The SYN asks for or carries a Fast Open cookie.", ZH: "SYN 请求或携带 Fast Open cookie。"}},
	"tfo_cookie":              {{EN: "Fast Open cookie", ZH: "Fast Open cookie"}, {EN: "The server hands out a cookie for later connections.", ZH: "服务器发放供以后连接使用的 cookie。"}},
	"tfo_data":                {{EN: "data in the SYN", ZH: "SYN 携带数据"}, {EN: "The SYN carries data (TCP Fast Open).", ZH: "SYN 携带数据（TCP Fast Open）。"}},
	"tfo_ack_partial":         {{EN: "Fast Open data not accepted", ZH: "Fast Open 数据未被接受"}, {EN: "The SYN was accepted, its data only in part or not at all.", ZH: "SYN 被接受，其数据只被接受一部分或完全未被接受。"}},
	"duplicate_capture":       {{EN: "recorded again", ZH: "重复抓取"}, {EN: "The same packet, captured at a second place.", ZH: "同一个包，在另一处被再次抓取。"}},
	"rto":                     {{EN: "after the timer", ZH: "超时重传"}, {EN: "The retransmission timer ran out.", ZH: "重传定时器到期。"}},
	"tail_loss_probe":         {{EN: "tail loss probe", ZH: "尾部丢包探测"}, {EN: "The last segment again, early, to provoke an acknowledgement.", ZH: "提前重发最后一个报文段，以引出确认。"}},
	"stray":                   {{EN: "not this connection's numbers", ZH: "编号不属于本连接"}, {EN: "Its sequence or acknowledgement number fits nothing either side has sent.", ZH: "其序列号或确认号与双方发送过的都不吻合。"}},
	"earlier_connection":      {{EN: "an earlier connection's numbers", ZH: "早先连接的编号"}, {EN: "It continues the connection that had these addresses and ports before.", ZH: "它延续的是此前使用相同地址和端口的连接。"}},
	"dsack":                   {{EN: "got it twice", ZH: "收到两次（D-SACK）"}, {EN: "The receiver reports bytes that arrived twice (RFC 2883).", ZH: "接收方报告有字节到达了两次（RFC 2883）。"}},
	"sack":                    {{EN: "selective acknowledgement", ZH: "选择确认"}, {EN: "Names what arrived beyond a hole (RFC 2018).", ZH: "指明空洞之后已收到的数据（RFC 2018）。"}},
	"challenge_ack":           {{EN: "challenge acknowledgement", ZH: "质询 ACK"}, {EN: "Answers a segment the side would not accept with what it expects (RFC 5961).", ZH: "对不可接受的报文段，回应自己期望的编号（RFC 5961）。"}},
	"closed_port":             {{EN: "refusal", ZH: "拒绝"}, {EN: "A RST that answers a SYN.", ZH: "回应 SYN 的 RST。"}},
	"fills_hole":              {{EN: "fills a hole", ZH: "填补空洞"}, {EN: "Brings bytes that had not passed this capture point, although later ones had.", ZH: "带来此前未经过抓包点的字节，而其后的字节早已经过。"}},
	"late_original":           {{EN: "came late", ZH: "迟到的原包"}, {EN: "Sent before the packets that overtook it, as its IP ID or timestamp shows; not a repetition.", ZH: "其 IP ID 或时间戳表明它先于超越它的包发出；并非重传。"}},
	"conflicting_payload":     {{EN: "other bytes", ZH: "内容不同"}, {EN: "Brings other bytes than an earlier packet for the same sequence numbers.", ZH: "同一序列号区间，内容与先前的包不同。"}},
	"bad_checksum":            {{EN: "wrong checksum", ZH: "校验和错误"}, {EN: "The TCP checksum does not fit: a receiver drops it.", ZH: "TCP 校验和不符：接收方会丢弃。"}},
}

func tagDetails(tags conversation.Tags) []TagDetail {
	out := []TagDetail{}
	for _, id := range tags.Names() {
		t := tagTexts[id]
		out = append(out, TagDetail{ID: id, Name: t[0], Meaning: t[1]})
	}
	return out
}
