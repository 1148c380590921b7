package edge

import (
	"mlango/internal/dialect"
	"mlango/smpp"
)

// decodeText reads octets in a charset of a dialect.
func decodeText(charset uint8, b []byte) string {
	if charset == dialect.Packed {
		return smpp.UnpackGSM7(b)
	}
	return smpp.DecodeText(charset, b)
}

// encodeText writes a text as the operator wants it that used echo.
func encodeText(d *dialect.SMPP, echo uint8, s string) (dataCoding uint8, b []byte) {
	charset, b := smpp.EncodeText(s)
	dataCoding, charset = d.DataCoding(charset, echo)
	if charset == dialect.Packed {
		b, _ = smpp.PackGSM7(s) // it is in GSM's tables
	}
	return dataCoding, b
}
