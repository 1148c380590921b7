package smpp

// carriageReturn fills the seven spare bits of a packed text (3GPP 23.038 §6.1.2.3.1).
const carriageReturn = 0x0D

// PackGSM7 writes s eight septets to seven octets, as USSD strings and some SMSCs
// want it (3GPP 23.038 §6.1.2.3); gsm is false when a character is in neither
// table. Where seven bits stay over they are a carriage return, as zeros would be
// read as '@'; a text that itself ends there with one gets a second.
func PackGSM7(s string) (b []byte, gsm bool) {
	n, gsm := Septets(s)
	if !gsm {
		return nil, false
	}
	septets := appendGSM(make([]byte, 0, n+1), s)
	if n%8 == 7 || n > 0 && n%8 == 0 && septets[n-1] == carriageReturn {
		septets = append(septets, carriageReturn)
	}
	b = make([]byte, (len(septets)*7+7)/8)
	for i, septet := range septets {
		bit := i * 7
		wide := uint16(septet) << (bit % 8)
		b[bit/8] |= byte(wide)
		if wide > 0xFF {
			b[bit/8+1] |= byte(wide >> 8)
		}
	}
	return b, true
}

// UnpackGSM7 reads what PackGSM7 writes, and what others do; like DecodeText it
// never fails. A carriage return that fills the last octet is padding.
func UnpackGSM7(b []byte) string {
	septets := make([]byte, len(b)*8/7)
	for i := range septets {
		bit := i * 7
		wide := uint16(b[bit/8])
		if bit/8+1 < len(b) {
			wide |= uint16(b[bit/8+1]) << 8
		}
		septets[i] = byte(wide>>(bit%8)) & 0x7F
	}
	if n := len(septets); n > 0 && n%8 == 0 && septets[n-1] == carriageReturn {
		septets = septets[:n-1]
	}
	return decodeGSM(septets)
}
