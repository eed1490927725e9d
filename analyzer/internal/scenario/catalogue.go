package scenario

// Catalogue lists every scenario, in the order in which they explain one
// another and in which unrelated findings of equal weight are shown: a root
// stands before its consequences.
var Catalogue = []*Scenario{
	// Cross-flow: two connections, one tuple.
	&selfConnect,
	&duplicateIPMACFlap,
	&ttlLoop,
	&haTwoLinksOneBackend,
	&crossWiredTupleCollision,
	&synFlood,
	// Opening.
	&synackFromWrongAddress,
	&synDroppedTwRecycleSnat,
	&ipvsNoRouteToHost,
	&lvsStaleEntry,
	&timewaitPortReuse,
	&twoSynacks,
	&acceptQueueOverflow,
	&stuckSynRecvServerIgnoresAck,
	&synackLeavesByOtherPath,
	&icmpUnreachableOnSyn,
	&rstInjection,
	&conntrackInvalidRST,
	&natMappingChanged,
	&staleNATDeadBackend,
	// Path and window.
	&pmtudBlackhole,
	&ipFragmentLoss,
	&windowScaleBroken,
	&sackMangled,
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
	&conntrackNATRace,
	&portExhaustion,
	&asymmetricRoutingStatefulDrop,
	&corruptedSegment,
	&conflictingPayload,
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
	&nagleDelayedACK,
	// window-limited
	// slow-start-after-idle
	&tailLossRTO,
	&reordering,
	&spuriousRetransmission,
	// who-is-slow
	// Worth knowing.
	&pmtuReduced,
	&optionsStripped,
	&tinyMss,
	&synCookiesActive,
	&timewaitAssassination,
	&simultaneousOpen,
	&linger0Abort,
	&idleCleanupRST,
	&healthCheckOrScan,
	&sharedSourcePortAcrossDestinations,
	&hairpinNATMissing,
	// The capture itself.
	&packetDuplicated,
	&duplicateCapture,
	&natTwoLegs,
	&captureLoss,
	&offloadArtefact,
	&snaplenCut,
	&clockArtefact,
}
