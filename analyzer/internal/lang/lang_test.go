package lang

import "testing"

func TestT(t *testing.T) {
	for _, c := range []struct{ got, want Text }{
		{T("%s later", "%s 后", Duration(15*Microsecond)), Text{"15 µs later", "15 µs 后"}},
		{T("%s later", "%s 后", Duration(3*Second)), Text{"3 s later", "3 秒后"}},
		{T("%d %s", "%[1]d %[3]s", 2, "packets", "个包"), Text{"2 packets", "2 个包"}},
		{T("%d%% of %d", "%[2]d 的 %[1]d%%", 5, 80), Text{"5% of 80", "80 的 5%"}},
		{T("plain, 100 %", "原样，100 %"), Text{"plain, 100 %", "原样，100 %"}},
		{List(Same("a"), Same("b"), Same("c")), Text{"a, b and c", "a、b 和 c"}},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestQuantities(t *testing.T) {
	for _, c := range []struct{ got, want Text }{
		{Duration(0), Same("0 ns")},
		{Duration(999), Same("999 ns")},
		{Duration(154 * Microsecond), Same("154 µs")},
		{Duration(1041801 * Microsecond), Text{"1.04 s", "1.04 秒"}},
		{Duration(12100 * Millisecond), Text{"12.1 s", "12.1 秒"}},
		{Duration(60 * Second), Text{"1 min", "1 分"}},
		{Duration(706 * Second), Text{"11 min 46 s", "11 分 46 秒"}},
		{Duration(2*Hour + 5*Minute), Text{"2 h 5 min", "2 小时 5 分"}},
		{Duration(-3 * Second), Text{"-3 s", "-3 秒"}},
		{Bytes(1), Text{"1 byte", "1 字节"}},
		{Bytes(1448), Text{"1,448 bytes", "1,448 字节"}},
		{Bytes(10_500), Same("10.5 kB")},
		{Bytes(2_000_000_000), Same("2 GB")},
		{Count(1, "packet", "packets", "个包"), Text{"1 packet", "1 个包"}},
		{Count(61204, "packet", "packets", "个包"), Text{"61,204 packets", "61,204 个包"}},
		{Times(2), Text{"twice", "2 次"}},
		{Same(Percent(0.0002)), Same("0.02 %")},
		{Same(Percent(0.125)), Same("12.5 %")},
		{Same(Number(-1234567)), Same("-1,234,567")},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
