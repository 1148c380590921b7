package smpp

import (
	"fmt"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// Octets of the fields of a bind (SMPP 3.4 §4.1.1). The specification allows a
// password 8 octets; operators give longer ones.
const (
	mostSystemID     = 15
	mostPassword     = 64
	mostSystemType   = 12
	mostAddressRange = 40
)

// bindPDU is the body of the three binds.
type bindPDU struct {
	systemID, password, systemType string
	version, ton, npi              uint8
	addressRange                   string
}

// bindCommand is the bind for a mode; answer and request differ by one bit.
func bindCommand(m Mode) CommandID {
	switch m {
	case TX:
		return pdu.BindTransmitterID
	case RX:
		return pdu.BindReceiverID
	}
	return pdu.BindTransceiverID
}

// modeOf is the mode a bind asks for; ok is false for every other command.
func modeOf(id CommandID) (m Mode, ok bool) {
	switch id {
	case pdu.BindTransmitterID:
		return TX, true
	case pdu.BindReceiverID:
		return RX, true
	case pdu.BindTransceiverID:
		return TRX, true
	}
	return TRX, false
}

func (b *bindPDU) check() error {
	for _, f := range [...]struct {
		name, text string
		most       int
	}{
		{"system_id", b.systemID, mostSystemID},
		{"password", b.password, mostPassword},
		{"system_type", b.systemType, mostSystemType},
		{"address_range", b.addressRange, mostAddressRange},
	} {
		if len(f.text) > f.most {
			return tooLong(f.name, len(f.text), f.most)
		}
	}
	return nil
}

func appendBind(dst []byte, mode Mode, seq uint32, b *bindPDU) []byte {
	start := len(dst)
	dst = appendHeader(dst, header{id: bindCommand(mode), seq: seq})
	dst = appendCString(dst, b.systemID)
	dst = appendCString(dst, b.password)
	dst = appendCString(dst, b.systemType)
	dst = append(dst, b.version, b.ton, b.npi)
	dst = appendCString(dst, b.addressRange)
	return closeFrame(dst, start)
}

func decodeBind(body []byte) (b bindPDU, err error) {
	c := cursor{b: append([]byte(nil), body...)}
	b.systemID = c.cstring(mostSystemID, StatusInvSystemID, "system_id")
	b.password = c.cstring(mostPassword, StatusInvPassword, "password")
	b.systemType = c.cstring(mostSystemType, StatusInvSystemType, "system_type")
	o := c.octets(3)
	b.version, b.ton, b.npi = o[0], o[1], o[2]
	b.addressRange = c.cstring(mostAddressRange, StatusBindFailed, "address_range")
	if c.bad != StatusOK {
		return bindPDU{}, &badPDU{c.bad, c.what}
	}
	return b, nil
}

// appendBindResponse says who we are and, to a peer whose version of SMPP has
// optional parameters, what we speak. A refusal is bare.
func appendBindResponse(dst []byte, to header, version uint8, systemID string) []byte {
	start := len(dst)
	dst = appendCString(appendHeader(dst, to.answer(StatusOK)), systemID)
	if version >= version34 {
		dst = appendTLV(dst, TLV{Tag: TagScInterfaceVers, Value: []byte{defaultVersion}})
	}
	return closeFrame(dst, start)
}

// parseBindResponse reads the SMSC's name, which many leave out.
func parseBindResponse(h header, body []byte) (systemID string, err error) {
	if h.status != StatusOK || h.id == pdu.GenericNACKID {
		return "", fmt.Errorf("smpp: bind: %w", &BindError{Status: h.status})
	}
	c := cursor{b: append([]byte(nil), body...)}
	return c.cstring(mostMessageID, StatusInvSystemID, "system_id"), nil
}
