package main

import (
	"mlango/gateway/binds"
	"mlango/smpp"
)

// receive parts what operators send: delivery receipts are about SMS of ours, the
// rest is the door's.
func (g *gateway) receive(operator string, set binds.Set, bind string, m *smpp.Message) smpp.Status {
	if r, is := smpp.ParseReceipt(m); is && set != binds.SetUSSD {
		g.confirm.Receipt(operator, bind, r, m.Source.Addr)
		return smpp.StatusOK
	}
	return g.edge.Receive(operator, set, bind, m)
}

// receiptMetrics counts delivery receipts by what they say.
func (g *gateway) receiptMetrics() func(operator, bind, what string) {
	receipts := g.admin.Counter("mlango_receipts_total", "Delivery receipts by what they say, and what is wrong with them.", "operator", "bind", "what")
	return func(operator, bind, what string) { receipts.Add(1, operator, bind, what) }
}

// reports takes the delivery reports that an operator's aggregator posts.
func (g *gateway) reports(operator, contentType string, body []byte) error {
	bind, all, err := g.pool.Reports(operator, contentType, body)
	for _, r := range all {
		g.confirm.Receipt(operator, bind, r.Receipt, r.To)
	}
	return err
}

// overHTTP tells whether the HTTP door opens: some operator speaks USSD over it, or
// its aggregator posts delivery reports.
func (c *Config) overHTTP() bool {
	for i := range c.Operators {
		if _, posts, _ := c.Operators[i].reportsFrom(); posts || c.Operators[i].USSD.HTTP != "" {
			return true
		}
	}
	return false
}
