package smpp

import (
	"fmt"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// The cell broadcast requests of SMPP 5.0 (§4.7.5). They are known by name and
// answered with generic_nack: this house broadcasts nothing.
const (
	CommandBroadcast       CommandID = 0x00000111
	CommandQueryBroadcast  CommandID = 0x00000112
	CommandCancelBroadcast CommandID = 0x00000113
)

// tableCommands is every request, and the two PDUs that are not half of a pair,
// under its name in the specifications.
var tableCommands = map[CommandID]string{
	pdu.GenericNACKID:       "generic_nack",
	pdu.BindReceiverID:      "bind_receiver",
	pdu.BindTransmitterID:   "bind_transmitter",
	pdu.QuerySMID:           "query_sm",
	pdu.SubmitSMID:          "submit_sm",
	pdu.DeliverSMID:         "deliver_sm",
	pdu.UnbindID:            "unbind",
	pdu.ReplaceSMID:         "replace_sm",
	pdu.CancelSMID:          "cancel_sm",
	pdu.BindTransceiverID:   "bind_transceiver",
	pdu.OutbindID:           "outbind",
	pdu.EnquireLinkID:       "enquire_link",
	pdu.SubmitMultiID:       "submit_multi",
	pdu.AlertNotificationID: "alert_notification",
	pdu.DataSMID:            "data_sm",
	CommandBroadcast:        "broadcast_sm",
	CommandQueryBroadcast:   "query_broadcast_sm",
	CommandCancelBroadcast:  "cancel_broadcast_sm",
}

// CommandName is the specification's name of a PDU; an unknown one is its number.
func CommandName(id CommandID) string {
	if name, ok := tableCommands[id]; ok {
		return name
	}
	name, ok := tableCommands[id&^responseBit]
	if ok && id&^responseBit != pdu.OutbindID && id&^responseBit != pdu.AlertNotificationID {
		return name + "_resp"
	}
	return fmt.Sprintf("0x%08X", uint32(id))
}
