package operator

// Units is how long a screen may be on this network: in GSM 7-bit septets, or in
// characters of UCS-2 when it needs those.
func (o *Operator) Units() (septets, ucs2 int) {
	u := o.centre.dialect.Units
	if a, ok := o.carrier.(*aggregator); ok {
		u = a.dialect.Units
	}
	return u.Septets, u.UCS2
}
