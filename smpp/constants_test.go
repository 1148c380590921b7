package smpp

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// tableNames is every constant this room uses under its name in the specification.
var tableNames = map[string]uint32{
	"generic_nack":  uint32(pdu.GenericNACKID),
	"bind_receiver": uint32(pdu.BindReceiverID), "bind_receiver_resp": uint32(pdu.BindReceiverRespID),
	"bind_transmitter": uint32(pdu.BindTransmitterID), "bind_transmitter_resp": uint32(pdu.BindTransmitterRespID),
	"query_sm": uint32(pdu.QuerySMID), "query_sm_resp": uint32(pdu.QuerySMRespID),
	"submit_sm": uint32(pdu.SubmitSMID), "submit_sm_resp": uint32(pdu.SubmitSMRespID),
	"deliver_sm": uint32(pdu.DeliverSMID), "deliver_sm_resp": uint32(pdu.DeliverSMRespID),
	"unbind": uint32(pdu.UnbindID), "unbind_resp": uint32(pdu.UnbindRespID),
	"replace_sm": uint32(pdu.ReplaceSMID), "replace_sm_resp": uint32(pdu.ReplaceSMRespID),
	"cancel_sm": uint32(pdu.CancelSMID), "cancel_sm_resp": uint32(pdu.CancelSMRespID),
	"bind_transceiver": uint32(pdu.BindTransceiverID), "bind_transceiver_resp": uint32(pdu.BindTransceiverRespID),
	"outbind": uint32(pdu.OutbindID), "alert_notification": uint32(pdu.AlertNotificationID),
	"enquire_link": uint32(pdu.EnquireLinkID), "enquire_link_resp": uint32(pdu.EnquireLinkRespID),
	"submit_multi": uint32(pdu.SubmitMultiID), "submit_multi_resp": uint32(pdu.SubmitMultiRespID),
	"data_sm": uint32(pdu.DataSMID), "data_sm_resp": uint32(pdu.DataSMRespID),

	"ESME_ROK": uint32(StatusOK), "ESME_RINVMSGLEN": uint32(StatusInvMsgLen), "ESME_RINVCMDLEN": uint32(StatusInvCmdLen),
	"ESME_RINVCMDID": uint32(StatusInvCmdID), "ESME_RINVBNDSTS": uint32(StatusInvBindStatus), "ESME_RALYBND": uint32(StatusAlreadyBound),
	"ESME_RSYSERR": uint32(StatusSysErr), "ESME_RINVSRCADR": uint32(StatusInvSrcAddr), "ESME_RINVDSTADR": uint32(StatusInvDstAddr),
	"ESME_RBINDFAIL": uint32(StatusBindFailed), "ESME_RINVPASWD": uint32(StatusInvPassword), "ESME_RINVSYSID": uint32(StatusInvSystemID),
	"ESME_RMSGQFUL": uint32(StatusMsgQueueFull), "ESME_RINVSERTYP": uint32(StatusInvServiceType), "ESME_RSUBMITFAIL": uint32(StatusSubmitFail),
	"ESME_RINVSYSTYP": uint32(StatusInvSystemType), "ESME_RTHROTTLED": uint32(StatusThrottled), "ESME_RINVSCHED": uint32(StatusInvSchedule),
	"ESME_RINVEXPIRY": uint32(StatusInvValidity), "ESME_RX_T_APPN": uint32(StatusTempAppError), "ESME_RX_P_APPN": uint32(StatusPermAppError),
	"ESME_RINVOPTPARSTREAM": uint32(StatusInvTLVStream), "ESME_RINVPARLEN": uint32(StatusInvTLVLen),
	"ESME_RINVOPTPARAMVAL": uint32(StatusInvTLVValue), "ESME_RUNKNOWNERR": uint32(StatusUnknownErr),

	"receipted_message_id": uint32(TagReceiptedMsgID), "user_message_reference": uint32(TagUserMessageRef),
	"sar_msg_ref_num": uint32(TagSarRef), "sar_total_segments": uint32(TagSarTotal), "sar_segment_seqnum": uint32(TagSarPart),
	"sc_interface_version": uint32(TagScInterfaceVers), "message_payload": uint32(TagMessagePayload),
	"message_state": uint32(TagMessageState), "congestion_state": uint32(TagCongestionState),
	"ussd_service_op": uint32(TagUSSDServiceOp), "its_reply_type": uint32(TagITSReplyType), "its_session_info": uint32(TagITSSessionInfo),
}

func TestConstantsAreTheSpecifications(t *testing.T) {
	src, err := os.ReadFile("testdata/smpp34.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(src)) {
		f := strings.Fields(line)
		if len(f) != 3 || f[0] == "#" {
			continue
		}
		want, err := strconv.ParseUint(f[2], 0, 32)
		if err != nil {
			t.Fatal(line, err)
		}
		seen++
		if got, ok := tableNames[f[1]]; !ok || got != uint32(want) {
			t.Errorf("%s: %#x, the specification says %#x", f[1], got, want)
		}
	}
	if seen != len(tableNames) {
		t.Errorf("%d constants, %d lines of the specification", len(tableNames), seen)
	}
}
