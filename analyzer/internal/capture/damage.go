package capture

import "pcaplain/analyzer/internal/lang"

var cutInside = lang.Text{
	EN: "the capture ends in the middle of a record",
	ZH: "抓包文件在一条记录的中间就结束了",
}

// resumed adds to the first damage where reading went on after it.
func (r *Reader) resumed(damaged, at int64) {
	d := r.info.Damage
	if d == nil || d.Offset != damaged {
		return
	}
	skipped := lang.Bytes(at - damaged)
	d.Reason = lang.Text{
		EN: d.Reason.EN + "; " + skipped.EN + " were skipped, then reading went on",
		ZH: d.Reason.ZH + "；跳过 " + skipped.ZH + " 后继续读取",
	}
}

var packetBeyondBlock = lang.Text{
	EN: "a packet claims more bytes than its block holds",
	ZH: "一个包声称的字节数超过了它所在块的大小",
}

var lengthsDiffer = lang.Text{
	EN: "a block states one length at its beginning and another at its end",
	ZH: "一个块的首尾两处长度不一致",
}

func lyingBlock(length int) lang.Text {
	return lang.T("a block claims %s, which cannot be right", "一个块声称有 %s，这不可能", lang.Bytes(int64(length)))
}

func unknownInterface(id int) lang.Text {
	return lang.T("a packet names interface %d, which the capture does not describe", "一个包引用了接口 %d，但抓包文件没有描述该接口", id)
}

var zeroBytes = lang.Text{
	EN: "zero bytes stand where a record should begin: space that was reserved but never written",
	ZH: "本应是记录开头的地方全是零字节：空间已分配，但内容从未写入",
}

var joinedCaptures = lang.Text{
	EN: "Several captures were joined into this file one after the other.",
	ZH: "这个文件由多个抓包文件首尾相接而成。",
}
