package conversation

// isnTick is the period of Linux's initial sequence number clock: one step per
// 64 ns (net/core/secure_seq.c, seq_scale: ns >> 6).
const isnTick = 64

// isnTolerance is how far two numbers may be off their clock, in ticks: about
// 2 ms of jitter between choosing the number and sending it. The largest error
// over a hundred repeated SYN-ACKs was 14,144.
const isnTolerance = 32_000

// ISNClock compares two initial sequence numbers for one 4-tuple with Linux's
// clock: fits is true when both came from one stack since one boot that saw the
// same 4-tuple (chance of a random fit about 1.5e-5). off is the error in ns.
func ISNClock(isn1, isn2 uint32, elapsed int64) (off int64, fits bool) {
	err := int32((isn2 - isn1) - uint32(elapsed/isnTick))
	if err < 0 {
		off = -int64(err) * isnTick
		return off, -err <= isnTolerance && err != -1<<31
	}
	return int64(err) * isnTick, err <= isnTolerance
}
