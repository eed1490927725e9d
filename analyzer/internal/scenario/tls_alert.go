package scenario

import (
	"fmt"

	"pcaplain/analyzer/internal/conversation"
	"pcaplain/analyzer/internal/lang"
)

var tlsAlert = Scenario{
	ID:    "tls-alert",
	Title: lang.Text{EN: "The TLS handshake failed with an alert", ZH: "TLS 握手因告警而失败"},
	Summary: lang.Text{
		EN: "One side objects to the TLS handshake and says why in an unencrypted alert.",
		ZH: "一侧对 TLS 握手提出异议，并以未加密的告警说明原因。",
	},
	Meaning: lang.Text{
		EN: "TCP is in order. The sender of the alert is the one that objects: to the protocol version, the ciphers, the certificate, the name. The FIN or RST after it is only the consequence.",
		ZH: "TCP 层面正常。发出告警的一侧就是提出异议的一侧：针对协议版本、密码套件、证书或名称。之后的 FIN 或 RST 只是后果。",
	},
	Recognised: []lang.Text{
		{EN: "A TLS record of type 21 with a length of 2, before encryption begins; not the ordinary close_notify.", ZH: "加密开始之前出现类型为 21、长度为 2 的 TLS 记录，且不是正常的 close_notify。"},
	},
	Confused: []Confusion{
		{ID: "http-to-tls-port", Text: lang.Text{EN: "there the alert answers a plain HTTP request", ZH: "那里告警是对明文 HTTP 请求的回应"}},
		{ID: "clienthello-blocked", Text: lang.Text{EN: "there no alert comes: the ClientHello is dropped or reset", ZH: "那里没有告警：ClientHello 被丢弃或复位"}},
	},
	Fixes: []lang.Text{
		{EN: "By the alert: a protocol version or cipher both sides have; the full certificate chain and the CA at the one who checks it; the right server name; a client certificate where one is asked for.", ZH: "按告警处理：启用双方共有的协议版本或密码套件；补全证书链，并在校验方安装 CA；使用正确的服务器名称；在要求时提供客户端证书。"},
	},
	References: []Reference{
		{Title: "RFC 8446, TLS 1.3, section 6.2", Author: "E. Rescorla", Date: "2018-08", URL: "https://www.rfc-editor.org/rfc/rfc8446"},
		{Title: "Troubleshooting TLS failures with Wireshark", Author: "golinuxcloud.com", URL: "https://www.golinuxcloud.com/troubleshooting-tls-failures-wireshark/"},
	},
	Symptom: SymptomProtocol,
	Over:    []string{"data-acked-then-reset-by-proxy", "server-closed-without-answer", "close-with-unread-data", "linger0-abort", "data-after-close", "clienthello-blocked"},
	Detect:  detectTLSAlert,
}

// alert is what an alert's code means.
type alert struct {
	name string
	what lang.Text
}

// alerts are the descriptions that end a handshake (RFC 8446, section 6, and the
// registry of TLS alerts).
var alerts = map[uint8]alert{
	10:  {"unexpected_message", lang.Text{EN: "a message came out of order", ZH: "收到了不合次序的消息"}},
	20:  {"bad_record_mac", lang.Text{EN: "a record did not verify", ZH: "记录校验失败"}},
	40:  {"handshake_failure", lang.Text{EN: "no acceptable set of parameters, often no cipher in common", ZH: "没有可接受的参数组合，常为没有共同的密码套件"}},
	42:  {"bad_certificate", lang.Text{EN: "the certificate is corrupt or its signature wrong", ZH: "证书损坏或签名错误"}},
	43:  {"unsupported_certificate", lang.Text{EN: "the certificate's kind is not supported", ZH: "不支持该类型的证书"}},
	44:  {"certificate_revoked", lang.Text{EN: "the certificate was revoked", ZH: "证书已被吊销"}},
	45:  {"certificate_expired", lang.Text{EN: "the certificate is expired or not yet valid", ZH: "证书已过期或尚未生效"}},
	46:  {"certificate_unknown", lang.Text{EN: "the certificate was not accepted for another reason", ZH: "证书因其他原因未被接受"}},
	47:  {"illegal_parameter", lang.Text{EN: "a field has an impossible value", ZH: "字段取值不合法"}},
	48:  {"unknown_ca", lang.Text{EN: "the certificate's issuer is not trusted", ZH: "证书的签发者不受信任"}},
	49:  {"access_denied", lang.Text{EN: "the certificate is valid but access is denied", ZH: "证书有效，但访问被拒绝"}},
	50:  {"decode_error", lang.Text{EN: "a message could not be read", ZH: "消息无法解析"}},
	51:  {"decrypt_error", lang.Text{EN: "a cryptographic check failed", ZH: "密码学校验失败"}},
	70:  {"protocol_version", lang.Text{EN: "the offered protocol version is not supported", ZH: "不支持对方提议的协议版本"}},
	71:  {"insufficient_security", lang.Text{EN: "stronger ciphers are required", ZH: "要求更强的密码套件"}},
	80:  {"internal_error", lang.Text{EN: "an internal error", ZH: "内部错误"}},
	86:  {"inappropriate_fallback", lang.Text{EN: "the client fell back to an older version without need", ZH: "客户端不必要地降级了协议版本"}},
	109: {"missing_extension", lang.Text{EN: "a required extension is missing", ZH: "缺少必需的扩展"}},
	110: {"unsupported_extension", lang.Text{EN: "an extension was not asked for", ZH: "出现未请求的扩展"}},
	112: {"unrecognized_name", lang.Text{EN: "the server does not know the name asked for", ZH: "服务器不认识所请求的名称"}},
	113: {"bad_certificate_status_response", lang.Text{EN: "the certificate's status answer is invalid", ZH: "证书状态响应无效"}},
	115: {"unknown_psk_identity", lang.Text{EN: "the pre-shared key is not known", ZH: "预共享密钥标识未知"}},
	116: {"certificate_required", lang.Text{EN: "a client certificate is required", ZH: "要求提供客户端证书"}},
	120: {"no_application_protocol", lang.Text{EN: "no application protocol in common (ALPN)", ZH: "没有共同的应用层协议（ALPN）"}},
}

// alertOf names an alert's code.
func alertOf(code uint8) alert {
	if a, ok := alerts[code]; ok {
		return a
	}
	return alert{fmt.Sprintf("%d", code), lang.Text{EN: "a reason without a name here", ZH: "未收录的原因"}}
}

// Alerts that do not end a handshake in failure: close_notify, user_canceled and
// no_renegotiation.
const (
	alertCloseNotify     = 0
	alertUserCanceled    = 90
	alertNoRenegotiation = 100
)

// Reported when a plain alert is the beginning of a payload in a conversation
// that began with a ClientHello, other than close_notify, user_canceled and
// no_renegotiation. Certain: the alert is readable. Encrypted alerts say nothing
// and are not reported.
func detectTLSAlert(x *Context) []Finding {
	var out []Finding
	for _, c := range x.Conversations {
		q := x.FirstMessage(c, client)
		if q == nil || q.Kind != conversation.MessageClientHello {
			continue
		}
		for _, m := range x.Messages(c) {
			if m.Kind == conversation.MessageAlert && m.Code != alertCloseNotify && m.Code != alertUserCanceled && m.Code != alertNoRenegotiation {
				out = append(out, *tellTLSAlert(x, c, q, &m))
				break
			}
		}
	}
	return out
}

func tellTLSAlert(x *Context, c *conversation.Conversation, q, m *conversation.Message) *Finding {
	from := c.Segments[m.At].From
	a, who := alertOf(m.Code), sideName(from)
	f := x.finding(Problem, Certain, Certain, c)
	f.Title = lang.T("The TLS handshake failed: %s", "TLS 握手失败：%s", a.name)
	f.Summary = lang.T("The %s of %s – %s ended the TLS handshake with the alert %s: %s.", "%[2]s 与 %[3]s 之间的 TLS 握手被%[1]s以告警 %[4]s 终止：%[5]s。", who, c.Client, c.Server, a.name, a.what)
	f.say(numbers(c, q.At), "The client began with %s #%d.", "客户端首先发出%s #%d。", hello(q), n(c, q.At))
	f.say(numbers(c, m.At), "%s later the %s sent the alert %s (%d, level %d) #%d: %s. It is the %s that objects.",
		"%s 后，%s发出告警 %s（%d，级别 %d）#%d：%s。提出异议的是%s。", elapsed(c, q.At, m.At), who, a.name, m.Code, m.Level, n(c, m.At), a.what, who)
	f.shows(n(c, q.At), "the offer", "握手提议")
	f.shows(n(c, m.At), "objects: %s", "提出异议：%s", a.name)
	f.may(Certain, lang.T("The %s objects: %s", "%s的异议：%s", who, a.what), lang.T("The alert itself #%d.", "告警本身 #%d。", n(c, m.At)))
	f.confirm(lang.Text{EN: "What the server offers and presents:", ZH: "查看服务器支持的参数与出示的证书："}, lang.T("openssl s_client -connect %s -servername %s", "", c.Server, nameOr(q.SNI, "NAME")).EN)
	f.Drawing.Lanes = twoLanes(c)
	f.Drawing.Marks = []Mark{{Packet: n(c, m.At), SenderNote: lang.Same(a.name)}}
	return f.grouped(a.name+who.EN+c.Server.String(), portLabel(c.Client))
}

func nameOr(name, otherwise string) string {
	if name == "" {
		return otherwise
	}
	return name
}
