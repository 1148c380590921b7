package smpp

import "fmt"

// The optional parameters of SMPP 3.4 (§5.3.2, table 5-7).
const (
	TagDestSubunit      Tag = 0x0005
	TagDestNetwork      Tag = 0x0006
	TagDestBearer       Tag = 0x0007
	TagDestTelematics   Tag = 0x0008
	TagSourceSubunit    Tag = 0x000D
	TagSourceNetwork    Tag = 0x000E
	TagSourceBearer     Tag = 0x000F
	TagSourceTelematics Tag = 0x0010
	TagTimeToLive       Tag = 0x0017
	TagPayloadType      Tag = 0x0019
	TagStatusText       Tag = 0x001D
	TagReceiptedMsgID   Tag = 0x001E
	TagWaitFacilities   Tag = 0x0030
	TagPrivacy          Tag = 0x0201
	TagSourceSubaddress Tag = 0x0202
	TagDestSubaddress   Tag = 0x0203
	TagUserMessageRef   Tag = 0x0204
	TagUserResponse     Tag = 0x0205
	TagSourcePort       Tag = 0x020A
	TagDestPort         Tag = 0x020B
	TagSarRef           Tag = 0x020C
	TagLanguage         Tag = 0x020D
	TagSarTotal         Tag = 0x020E
	TagSarPart          Tag = 0x020F
	TagScInterfaceVers  Tag = 0x0210
	TagCallbackPresent  Tag = 0x0302
	TagCallbackTag      Tag = 0x0303
	TagNumberOfMessages Tag = 0x0304
	TagCallback         Tag = 0x0381
	TagDPFResult        Tag = 0x0420
	TagSetDPF           Tag = 0x0421
	TagAvailability     Tag = 0x0422
	TagNetworkError     Tag = 0x0423
	TagMessagePayload   Tag = 0x0424
	TagFailureReason    Tag = 0x0425
	TagMoreMessages     Tag = 0x0426
	TagMessageState     Tag = 0x0427
	TagUSSDServiceOp    Tag = 0x0501
	TagDisplayTime      Tag = 0x1201
	TagSMSSignal        Tag = 0x1203
	TagValidity         Tag = 0x1204
	TagAlertOnDelivery  Tag = 0x130C
	TagITSReplyType     Tag = 0x1380
	TagITSSessionInfo   Tag = 0x1383
)

// The optional parameters SMPP 5.0 adds (§4.8.1).
const (
	TagCongestionState   Tag = 0x0428
	TagCastChannel       Tag = 0x0600
	TagCastContent       Tag = 0x0601
	TagCastContentInfo   Tag = 0x0602
	TagCastClass         Tag = 0x0603
	TagCastRepeats       Tag = 0x0604
	TagCastInterval      Tag = 0x0605
	TagCastArea          Tag = 0x0606
	TagCastErrorStatus   Tag = 0x0607
	TagCastAreaSuccess   Tag = 0x0608
	TagCastEndTime       Tag = 0x0609
	TagCastGroup         Tag = 0x060A
	TagBillingID         Tag = 0x060B
	TagSourceNetworkID   Tag = 0x060D
	TagDestNetworkID     Tag = 0x060E
	TagSourceNodeID      Tag = 0x060F
	TagDestNodeID        Tag = 0x0610
	TagDestPortedHow     Tag = 0x0611
	TagDestPortedTo      Tag = 0x0612
	TagDestPortedCountry Tag = 0x0613
)

// tableTags is every optional parameter under its name in the specifications.
var tableTags = map[Tag]string{
	TagDestSubunit:       "dest_addr_subunit",
	TagDestNetwork:       "dest_network_type",
	TagDestBearer:        "dest_bearer_type",
	TagDestTelematics:    "dest_telematics_id",
	TagSourceSubunit:     "source_addr_subunit",
	TagSourceNetwork:     "source_network_type",
	TagSourceBearer:      "source_bearer_type",
	TagSourceTelematics:  "source_telematics_id",
	TagTimeToLive:        "qos_time_to_live",
	TagPayloadType:       "payload_type",
	TagStatusText:        "additional_status_info_text",
	TagReceiptedMsgID:    "receipted_message_id",
	TagWaitFacilities:    "ms_msg_wait_facilities",
	TagPrivacy:           "privacy_indicator",
	TagSourceSubaddress:  "source_subaddress",
	TagDestSubaddress:    "dest_subaddress",
	TagUserMessageRef:    "user_message_reference",
	TagUserResponse:      "user_response_code",
	TagSourcePort:        "source_port",
	TagDestPort:          "destination_port",
	TagSarRef:            "sar_msg_ref_num",
	TagLanguage:          "language_indicator",
	TagSarTotal:          "sar_total_segments",
	TagSarPart:           "sar_segment_seqnum",
	TagScInterfaceVers:   "sc_interface_version",
	TagCallbackPresent:   "callback_num_pres_ind",
	TagCallbackTag:       "callback_num_atag",
	TagNumberOfMessages:  "number_of_messages",
	TagCallback:          "callback_num",
	TagDPFResult:         "dpf_result",
	TagSetDPF:            "set_dpf",
	TagAvailability:      "ms_availability_status",
	TagNetworkError:      "network_error_code",
	TagMessagePayload:    "message_payload",
	TagFailureReason:     "delivery_failure_reason",
	TagMoreMessages:      "more_messages_to_send",
	TagMessageState:      "message_state",
	TagUSSDServiceOp:     "ussd_service_op",
	TagDisplayTime:       "display_time",
	TagSMSSignal:         "sms_signal",
	TagValidity:          "ms_validity",
	TagAlertOnDelivery:   "alert_on_message_delivery",
	TagITSReplyType:      "its_reply_type",
	TagITSSessionInfo:    "its_session_info",
	TagCongestionState:   "congestion_state",
	TagCastChannel:       "broadcast_channel_indicator",
	TagCastContent:       "broadcast_content_type",
	TagCastContentInfo:   "broadcast_content_type_info",
	TagCastClass:         "broadcast_message_class",
	TagCastRepeats:       "broadcast_rep_num",
	TagCastInterval:      "broadcast_frequency_interval",
	TagCastArea:          "broadcast_area_identifier",
	TagCastErrorStatus:   "broadcast_error_status",
	TagCastAreaSuccess:   "broadcast_area_success",
	TagCastEndTime:       "broadcast_end_time",
	TagCastGroup:         "broadcast_service_group",
	TagBillingID:         "billing_identification",
	TagSourceNetworkID:   "source_network_id",
	TagDestNetworkID:     "dest_network_id",
	TagSourceNodeID:      "source_node_id",
	TagDestNodeID:        "dest_node_id",
	TagDestPortedHow:     "dest_addr_np_resolution",
	TagDestPortedTo:      "dest_addr_np_information",
	TagDestPortedCountry: "dest_addr_np_country",
}

// TagName is the specification's name of an optional parameter; a vendor's own is
// its number.
func TagName(t Tag) string {
	if name, ok := tableTags[t]; ok {
		return name
	}
	return fmt.Sprintf("0x%04X", uint16(t))
}
