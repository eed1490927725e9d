package scenario

// Catalogue lists every scenario, in the order in which they explain one
// another and in which unrelated findings of equal weight are shown: a root
// stands before its consequences.
var Catalogue = []*Scenario{
	&synackFromWrongAddress,
}
