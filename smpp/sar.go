package smpp

// SplitSAR cuts a text as SplitSMS does, for an SMSC that wants the sar_ parameters
// instead of a header (SMPP 3.4 §5.3.2.22 to §5.3.2.24): the messages are m with the
// text and the parameters of one part each. One that fits alone has none.
func SplitSAR(m *Message, text string, ref uint16) []*Message {
	parts := SplitSMS(text, 0)
	all := make([]*Message, len(parts))
	for i, p := range parts {
		one := *m
		one.DataCoding, one.Text = p.Coding, p.Text
		one.TLVs = append([]TLV(nil), m.TLVs...)
		if len(parts) > 1 {
			one.Text = p.Text[concatHeader:]
			one.TLVs = append(one.TLVs, TLV{TagSarRef, []byte{byte(ref >> 8), byte(ref)}},
				TLV{TagSarTotal, []byte{byte(len(parts))}}, TLV{TagSarPart, []byte{byte(i + 1)}})
		}
		all[i] = &one
	}
	return all
}

// PutPayload writes a whole text into message_payload (SMPP 3.4 §5.3.2.32), for an
// SMSC that cuts long texts itself; Submit refuses one beyond 64 KiB.
func PutPayload(m *Message, text string) {
	coding, b := EncodeText(text)
	m.DataCoding, m.Text = coding, nil
	m.TLVs = append(m.TLVs, TLV{Tag: TagMessagePayload, Value: b})
}
