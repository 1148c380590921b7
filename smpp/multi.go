package smpp

import "encoding/binary"

// Limits of a submit_multi (SMPP 3.4 §4.5.1, §5.2.24).
const (
	mostDests = 254 // number_of_dests
	mostList  = 20  // octets of dl_name without its final NUL
)

// The two kinds of a submit_multi's destinations (dest_flag, SMPP 3.4 §5.2.25).
const (
	destSME  = 1
	destList = 2
)

// Destination is one of a Multi's: a number or, when List is said, a distribution
// list that the SMSC knows, its name at most 20 octets.
type Destination struct {
	Address
	List string
}

// Multi is one message to many (submit_multi, SMPP 3.4 §4.5.1). Its own Dest is not
// sent; Dests are 1 to 254. A Server fills MessageID, for the answer to say.
type Multi struct {
	Message
	Dests []Destination
}

// MultiAnswer is submit_multi_resp (SMPP 3.4 §4.5.2); all but Status counts only
// when Status is StatusOK.
type MultiAnswer struct {
	Status    Status
	MessageID string
	Failed    []Failed // those whom it will not reach
}

// Failed is a destination that a submit_multi will not reach, and why.
type Failed struct {
	Address
	Status Status
}

func (m *Multi) check() error {
	if len(m.Dests) == 0 {
		return errNoDest
	}
	if len(m.Dests) > mostDests {
		return tooLong("dest_address(es)", len(m.Dests), mostDests)
	}
	for _, d := range m.Dests {
		if d.Addr == "" && d.List == "" {
			return errNoDest
		}
		if err := checkTexts(textField{"destination_addr", d.Addr, mostAddress}, textField{"dl_name", d.List, mostList}); err != nil {
			return err
		}
	}
	if m.Kind == DataSM { // which has no such request
		return errInData
	}
	if len(m.Text) > maxText {
		return tooLong("short_message", len(m.Text), maxText)
	}
	if err := checkTLVs(m.TLVs); err != nil {
		return err
	}
	return checkTexts(textField{"service_type", m.ServiceType, mostServiceType}, textField{"source_addr", m.Source.Addr, mostAddress},
		textField{"schedule_delivery_time", m.ScheduleTime, mostTime}, textField{"validity_period", m.ValidityPeriod, mostTime})
}

func appendMulti(dst []byte, m *Multi) []byte {
	dst = appendAddress(appendCString(dst, m.ServiceType), m.Source)
	dst = append(dst, byte(len(m.Dests)))
	for _, d := range m.Dests {
		if d.List != "" {
			dst = appendCString(append(dst, destList), d.List)
		} else {
			dst = appendAddress(append(dst, destSME), d.Address)
		}
	}
	return m.appendRest(dst)
}

// decodeMulti reads a body; its bytes are copied.
func decodeMulti(body []byte) (*Multi, error) {
	m := &Multi{Message: Message{Kind: SubmitSM}}
	c := cursorOf(body)
	m.ServiceType = c.cstring(mostServiceType, StatusInvServiceType, "service_type")
	m.Source = c.address(mostAddress, StatusInvSrcAddr, "source_addr")
	o := c.octets(1)
	if o[0] == 0 || o[0] > mostDests {
		c.fail(StatusInvNumDests, "number_of_dests")
	}
	for n := o[0]; n > 0 && c.bad == StatusOK; n-- {
		m.Dests = append(m.Dests, c.destination())
	}
	m.readRest(&c)
	m.TLVs = c.tlvs(nil)
	return m, c.err()
}

// destination reads one dest_address.
func (c *cursor) destination() (d Destination) {
	switch flag := c.octets(1); flag[0] {
	case destSME:
		d.Address = c.address(mostAddress, StatusInvDstAddr, "destination_addr")
	case destList:
		d.List = c.cstring(mostList, StatusInvListName, "dl_name")
	default:
		c.fail(StatusInvDestFlag, "dest_flag")
	}
	if c.bad == StatusOK && d.Addr == "" && d.List == "" {
		c.fail(StatusInvDstAddr, "empty destination")
	}
	return d
}

func (a MultiAnswer) check() error {
	if len(a.Failed) > mostDests {
		return tooLong("no_unsuccess", len(a.Failed), mostDests)
	}
	for _, f := range a.Failed {
		if err := checkTexts(textField{"destination_addr", f.Addr, mostAddress}); err != nil {
			return err
		}
	}
	return checkTexts(textField{"message_id", a.MessageID, mostMessageID})
}

func appendMultiAnswer(dst []byte, a MultiAnswer) []byte {
	dst = append(appendCString(dst, a.MessageID), byte(len(a.Failed)))
	for _, f := range a.Failed {
		dst = binary.BigEndian.AppendUint32(appendAddress(dst, f.Address), uint32(f.Status))
	}
	return dst
}

// decodeMultiAnswer reads a body that goes with status OK.
func decodeMultiAnswer(body []byte) (a MultiAnswer, err error) {
	c := cursorOf(body)
	a.MessageID = c.cstring(mostMessageID, StatusInvMsgID, "message_id")
	o := c.octets(1)
	for n := o[0]; n > 0 && c.bad == StatusOK; n-- {
		f := Failed{Address: c.address(mostAddress, StatusInvDstAddr, "destination_addr")}
		o := c.octets(4)
		f.Status = Status(binary.BigEndian.Uint32(o[:]))
		a.Failed = append(a.Failed, f)
	}
	c.tlvs(nil)
	return a, c.err()
}
