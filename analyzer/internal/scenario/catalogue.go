package scenario

// Catalogue lists every scenario, in the order in which they explain one
// another and in which unrelated findings of equal weight are shown: a root
// stands before its consequences.
var Catalogue = []*Scenario{
	// Cross-flow: two connections, one tuple.
	&selfConnect,
	// duplicate-ip-mac-flap
	// ttl-loop
	&haTwoLinksOneBackend,
	&crossWiredTupleCollision,
	// syn-flood
	// Opening.
	&synackFromWrongAddress,
	&synDroppedTwRecycleSnat,
	&ipvsNoRouteToHost,
	&lvsStaleEntry,
	&timewaitPortReuse,
	// two-synacks
	&acceptQueueOverflow,
	&stuckSynRecvServerIgnoresAck,
	&synackLeavesByOtherPath,
	&icmpUnreachableOnSyn,
	&rstInjection,
	&conntrackInvalidRST,
	// nat-mapping-changed
	// stale-nat-dead-backend
	// Path and window.
	// pmtud-blackhole
	// ip-fragment-loss
	// window-scale-broken
	// sack-mangled
	&zeroWindowStall,
	// sender-freeze
	// Application, with proof.
	&httpToTLSPort,
	&tlsToPlainPort,
	&proxyProtocolMismatch,
	&tlsAlert,
	&clientHelloBlocked,
	// Closing.
	&keepaliveReuseRace,
	&halfCloseCut,
	&dataAfterClose,
	&dataAckedThenResetByProxy,
	&closeWithUnreadData,
	&idleTimeoutRST,
	&idleTimeoutSilent,
	&keepaliveFailure,
	&halfOpenAfterCrash,
	&idleClientHalfOpenZombie,
	// Opening, plain.
	&ecnBlackhole,
	&tfoBlackhole,
	// conntrack-nat-race
	// port-exhaustion
	&asymmetricRoutingStatefulDrop,
	// corrupted-segment
	// conflicting-payload
	// policer-loss
	&packetLoss,
	&synackUnacknowledged,
	&pathOutage,
	&rtoDeath,
	&connRefusedRst,
	&synDroppedByHost,
	&synNoAnswer,
	&serverClosedWithoutAnswer,
	&clientGaveUp,
	&closeWaitLeak,
	&bannerStall,
	// Speed.
	// nagle-delayed-ack
	// window-limited
	// slow-start-after-idle
	&tailLossRTO,
	// reordering
	// spurious-retransmission
	// who-is-slow
	// Worth knowing.
	// pmtu-reduced
	// options-stripped
	// tiny-mss
	// syn-cookies-active
	// timewait-assassination
	// simultaneous-open
	&linger0Abort,
	&idleCleanupRST,
	&healthCheckOrScan,
	&sharedSourcePortAcrossDestinations,
	&hairpinNATMissing,
	// The capture itself.
	// packet-duplicated
	&duplicateCapture,
	&natTwoLegs,
	// capture-loss
	// offload-artefact
	// snaplen-cut
	// clock-artefact
}
