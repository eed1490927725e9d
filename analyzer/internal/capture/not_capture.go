package capture

import "pcaplain/analyzer/internal/lang"

// notCapture is the error for input of that look.
func notCapture(looks string) *Error {
	text, ok := looksLike[looks]
	if !ok {
		looks = "unknown"
		text = looksLike[looks]
	}
	return &Error{Looks: looks, Text: text}
}

var looksLike = map[string]lang.Text{
	"empty": {
		EN: "The file is empty. If it was being written by tcpdump, stop tcpdump (Ctrl-C) before copying it, or use -U.",
		ZH: "文件是空的。如果它正由 tcpdump 写入，请先停止 tcpdump（Ctrl-C）再复制，或使用 -U。",
	},
	"empty-gzip": {
		EN: "The gzip file holds nothing that could be unpacked. Copy it again, or test it with gzip -t.",
		ZH: "这个 gzip 文件里没有能解压的内容。请重新复制，或用 gzip -t 检查。",
	},
	"zeros": {
		EN: "The file holds nothing but zero bytes: its space was reserved but never written. Copy it again from where it was captured.",
		ZH: "文件里全是零字节：空间已分配，但内容从未写入。请从抓包的机器上重新复制。",
	},
	"pcap-header": {
		EN: "The file begins like a pcap capture but ends inside its header: no packet was written. Copy it again, or capture again with tcpdump -U.",
		ZH: "文件开头像 pcap 抓包，但在文件头中间就结束了，没有写入任何包。请重新复制，或用 tcpdump -U 重新抓取。",
	},
	"pcapng-header": {
		EN: "The file begins like a pcapng capture but its section header cannot be read. Copy it again in binary mode; a transfer as text destroys it.",
		ZH: "文件开头像 pcapng 抓包，但其段头无法读取。请以二进制方式重新复制；以文本方式传输会破坏文件。",
	},
	"gzip-in-gzip": {
		EN: "The file was compressed with gzip twice. Unpack it once with gunzip and open the result.",
		ZH: "文件用 gzip 压缩了两次。请先用 gunzip 解压一次，再打开结果。",
	},
	"zstd": {
		EN: "The capture is compressed with zstd. Unpack it with zstd -d and open the result.",
		ZH: "抓包文件用 zstd 压缩过。请先用 zstd -d 解压，再打开结果。",
	},
	"zip": {
		EN: "This is a ZIP archive. Unpack it and open the capture inside, usually a .pcap or .pcapng file.",
		ZH: "这是一个 ZIP 压缩包。请先解压，再打开里面的抓包文件，通常是 .pcap 或 .pcapng。",
	},
	"7z":       packed("a 7-Zip archive", "7-Zip 压缩包", "7z x"),
	"xz":       packed("compressed with xz", "用 xz 压缩的文件", "xz -d"),
	"bzip2":    packed("compressed with bzip2", "用 bzip2 压缩的文件", "bzip2 -d"),
	"rar":      packed("a RAR archive", "RAR 压缩包", "unrar x"),
	"lz4":      packed("compressed with lz4", "用 lz4 压缩的文件", "lz4 -d"),
	"compress": packed("compressed with compress", "用 compress 压缩的文件", "uncompress"),
	"tar":      packed("a tar archive", "tar 归档文件", "tar xf"),
	"image": {
		EN: "This is a picture. A screenshot of packets cannot be analysed: save the packets themselves (in Wireshark: File, Save As) or copy their lines as text.",
		ZH: "这是一张图片。包的截图无法分析：请保存数据包本身（Wireshark 中选「文件」→「另存为」），或把包的文本行复制过来。",
	},
	"media":  other("a sound, picture or video file", "音频、图片或视频文件"),
	"pdf":    other("a PDF document", "PDF 文档"),
	"office": other("an Office document", "Office 文档"),
	"elf":    other("a Linux program", "Linux 可执行程序"),
	"exe":    other("a Windows program", "Windows 可执行程序"),
	"wasm":   other("a WebAssembly module", "WebAssembly 模块"),
	"sqlite": other("an SQLite database", "SQLite 数据库"),
	"evtx":   other("a Windows event log", "Windows 事件日志"),
	"etl": {
		EN: "This is a Windows event trace (ETL), as netsh trace and pktmon write it. Turn it into a capture with \"pktmon etl2pcap FILE\" or Microsoft's etl2pcapng.",
		ZH: "这是 Windows 事件跟踪文件（ETL），由 netsh trace 或 pktmon 生成。请用「pktmon etl2pcap 文件」或微软的 etl2pcapng 转换为抓包文件。",
	},
	"snoop":     convert("a snoop capture, as Solaris writes it", "Solaris 的 snoop 抓包文件"),
	"btsnoop":   other("a Bluetooth trace (btsnoop), which holds no TCP", "蓝牙跟踪文件（btsnoop），其中没有 TCP"),
	"netmon":    convert("a capture by Microsoft Network Monitor", "Microsoft Network Monitor 抓包文件"),
	"sniffer":   convert("a capture in the Sniffer format (.cap, .enc)", "Sniffer 格式（.cap、.enc）的抓包文件"),
	"visual":    convert("a capture by Visual Networks", "Visual Networks 抓包文件"),
	"iptrace":   convert("an AIX iptrace capture", "AIX iptrace 抓包文件"),
	"nettl":     convert("an HP-UX nettl trace", "HP-UX nettl 跟踪文件"),
	"eyesdn":    convert("an EyeSDN trace", "EyeSDN 跟踪文件"),
	"erf":       convert("an Endace capture (ERF)", "Endace 抓包文件（ERF）"),
	"netscaler": convert("a NetScaler trace (nstrace)", "NetScaler 跟踪文件（nstrace）"),
	"html": {
		EN: "This is a web page without a listing of packets, perhaps a login or error page saved in place of the capture. Download the capture itself, or copy the packet lines as text.",
		ZH: "这是一个网页，里面没有数据包列表，可能是下载抓包文件时得到的登录页或错误页。请下载抓包文件本身，或复制数据包的文本行。",
	},
	"json": {
		EN: "This is JSON, perhaps the error of a service or an export. Save the capture itself as pcap or pcapng.",
		ZH: "这是 JSON 文本，可能是某个服务的错误信息或导出结果。请把抓包本身保存为 pcap 或 pcapng。",
	},
	"xml": {
		EN: "This is XML, perhaps an export of packet details (PDML). Save the capture itself as pcap or pcapng.",
		ZH: "这是 XML 文本，可能是包详情的导出（PDML）。请把抓包本身保存为 pcap 或 pcapng。",
	},
	"git-lfs": {
		EN: "This is a Git LFS pointer, not the file it stands for. Fetch the file with git lfs pull.",
		ZH: "这是 Git LFS 的指针文件，不是文件本身。请用 git lfs pull 取回文件。",
	},
	"text": {
		EN: "This is text, but no line of it could be read as a packet. Lines as tcpdump prints them (-n helps), Wireshark's packet list and hex dumps (tcpdump -xx) are read.",
		ZH: "这是文本，但没有一行能读作数据包。可以读取的是 tcpdump 打印的行（建议加 -n）、Wireshark 的包列表，以及十六进制转储（tcpdump -xx）。",
	},
	"unknown": {
		EN: "This is no capture in a known format. pcap, pcapng (also compressed with gzip) and packet listings as text are read; if Wireshark opens the file, save it there as pcapng.",
		ZH: "这不是已知格式的抓包文件。可以读取 pcap、pcapng（包括 gzip 压缩的）以及文本形式的数据包列表；如果 Wireshark 能打开它，请在其中另存为 pcapng。",
	},
}

func packed(en, zh, command string) lang.Text {
	return lang.T("This is %s. Unpack it with \"%s FILE\" and open the capture inside.", "这是%s。请先用「%s 文件」解压，再打开其中的抓包文件。", lang.Text{EN: en, ZH: zh}, command)
}

func other(en, zh string) lang.Text {
	return lang.T("This is %s, not a capture of packets. Open the .pcap or .pcapng file that tcpdump or Wireshark wrote.", "这是%s，不是抓包文件。请打开 tcpdump 或 Wireshark 保存的 .pcap 或 .pcapng 文件。", lang.Text{EN: en, ZH: zh})
}

func convert(en, zh string) lang.Text {
	return lang.T("This is %s, which is not read here. Convert it first: editcap -F pcapng FILE out.pcapng (editcap comes with Wireshark).", "这是%s，这里不能直接读取。请先转换：editcap -F pcapng 文件 out.pcapng（editcap 随 Wireshark 提供）。", lang.Text{EN: en, ZH: zh})
}
