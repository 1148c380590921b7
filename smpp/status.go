package smpp

import "fmt"

// The statuses of SMPP 3.4 (§5.1.3, table 5-2).
const (
	StatusOK               Status = 0x00000000
	StatusInvMsgLen        Status = 0x00000001
	StatusInvCmdLen        Status = 0x00000002
	StatusInvCmdID         Status = 0x00000003
	StatusInvBindStatus    Status = 0x00000004
	StatusAlreadyBound     Status = 0x00000005
	StatusInvPriority      Status = 0x00000006
	StatusInvRegistered    Status = 0x00000007
	StatusSysErr           Status = 0x00000008
	StatusInvSrcAddr       Status = 0x0000000A
	StatusInvDstAddr       Status = 0x0000000B
	StatusInvMsgID         Status = 0x0000000C
	StatusBindFailed       Status = 0x0000000D
	StatusInvPassword      Status = 0x0000000E
	StatusInvSystemID      Status = 0x0000000F
	StatusCancelFail       Status = 0x00000011
	StatusReplaceFail      Status = 0x00000013
	StatusMsgQueueFull     Status = 0x00000014
	StatusInvServiceType   Status = 0x00000015
	StatusInvNumDests      Status = 0x00000033
	StatusInvListName      Status = 0x00000034
	StatusInvDestFlag      Status = 0x00000040
	StatusInvSubmitReplace Status = 0x00000042
	StatusInvESMClass      Status = 0x00000043
	StatusNoSubmitToList   Status = 0x00000044
	StatusSubmitFail       Status = 0x00000045
	StatusInvSrcTON        Status = 0x00000048
	StatusInvSrcNPI        Status = 0x00000049
	StatusInvDstTON        Status = 0x00000050
	StatusInvDstNPI        Status = 0x00000051
	StatusInvSystemType    Status = 0x00000053
	StatusInvReplaceFlag   Status = 0x00000054
	StatusInvNumMsgs       Status = 0x00000055
	StatusThrottled        Status = 0x00000058
	StatusInvSchedule      Status = 0x00000061
	StatusInvValidity      Status = 0x00000062
	StatusInvDefaultMsg    Status = 0x00000063
	StatusTempAppError     Status = 0x00000064
	StatusPermAppError     Status = 0x00000065
	StatusRejectAppError   Status = 0x00000066
	StatusQueryFail        Status = 0x00000067
	StatusInvTLVStream     Status = 0x000000C0
	StatusTLVNotAllowed    Status = 0x000000C1
	StatusInvTLVLen        Status = 0x000000C2
	StatusMissingTLV       Status = 0x000000C3
	StatusInvTLVValue      Status = 0x000000C4
	StatusDeliveryFailure  Status = 0x000000FE
	StatusUnknownErr       Status = 0x000000FF
)

// The statuses SMPP 5.0 adds (§4.7.6), most of them about cell broadcast.
const (
	StatusServiceUnauthorised Status = 0x00000100
	StatusProhibited          Status = 0x00000101
	StatusServiceUnavailable  Status = 0x00000102
	StatusServiceDenied       Status = 0x00000103
	StatusInvDataCoding       Status = 0x00000104
	StatusInvSrcSubunit       Status = 0x00000105
	StatusInvDstSubunit       Status = 0x00000106
	StatusInvCastInterval     Status = 0x00000107
	StatusInvCastAlias        Status = 0x00000108
	StatusInvCastAreaFormat   Status = 0x00000109
	StatusInvCastAreas        Status = 0x0000010A
	StatusInvCastContent      Status = 0x0000010B
	StatusInvCastClass        Status = 0x0000010C
	StatusCastFail            Status = 0x0000010D
	StatusCastQueryFail       Status = 0x0000010E
	StatusCastCancelFail      Status = 0x0000010F
	StatusInvCastRepeats      Status = 0x00000110
	StatusInvCastGroup        Status = 0x00000111
	StatusInvCastChannel      Status = 0x00000112
)

// tableStatus is every status under its name in the specifications.
var tableStatus = map[Status]string{
	StatusOK:                  "ESME_ROK",
	StatusInvMsgLen:           "ESME_RINVMSGLEN",
	StatusInvCmdLen:           "ESME_RINVCMDLEN",
	StatusInvCmdID:            "ESME_RINVCMDID",
	StatusInvBindStatus:       "ESME_RINVBNDSTS",
	StatusAlreadyBound:        "ESME_RALYBND",
	StatusInvPriority:         "ESME_RINVPRTFLG",
	StatusInvRegistered:       "ESME_RINVREGDLVFLG",
	StatusSysErr:              "ESME_RSYSERR",
	StatusInvSrcAddr:          "ESME_RINVSRCADR",
	StatusInvDstAddr:          "ESME_RINVDSTADR",
	StatusInvMsgID:            "ESME_RINVMSGID",
	StatusBindFailed:          "ESME_RBINDFAIL",
	StatusInvPassword:         "ESME_RINVPASWD",
	StatusInvSystemID:         "ESME_RINVSYSID",
	StatusCancelFail:          "ESME_RCANCELFAIL",
	StatusReplaceFail:         "ESME_RREPLACEFAIL",
	StatusMsgQueueFull:        "ESME_RMSGQFUL",
	StatusInvServiceType:      "ESME_RINVSERTYP",
	StatusInvNumDests:         "ESME_RINVNUMDESTS",
	StatusInvListName:         "ESME_RINVDLNAME",
	StatusInvDestFlag:         "ESME_RINVDESTFLAG",
	StatusInvSubmitReplace:    "ESME_RINVSUBREP",
	StatusInvESMClass:         "ESME_RINVESMCLASS",
	StatusNoSubmitToList:      "ESME_RCNTSUBDL",
	StatusSubmitFail:          "ESME_RSUBMITFAIL",
	StatusInvSrcTON:           "ESME_RINVSRCTON",
	StatusInvSrcNPI:           "ESME_RINVSRCNPI",
	StatusInvDstTON:           "ESME_RINVDSTTON",
	StatusInvDstNPI:           "ESME_RINVDSTNPI",
	StatusInvSystemType:       "ESME_RINVSYSTYP",
	StatusInvReplaceFlag:      "ESME_RINVREPFLAG",
	StatusInvNumMsgs:          "ESME_RINVNUMMSGS",
	StatusThrottled:           "ESME_RTHROTTLED",
	StatusInvSchedule:         "ESME_RINVSCHED",
	StatusInvValidity:         "ESME_RINVEXPIRY",
	StatusInvDefaultMsg:       "ESME_RINVDFTMSGID",
	StatusTempAppError:        "ESME_RX_T_APPN",
	StatusPermAppError:        "ESME_RX_P_APPN",
	StatusRejectAppError:      "ESME_RX_R_APPN",
	StatusQueryFail:           "ESME_RQUERYFAIL",
	StatusInvTLVStream:        "ESME_RINVOPTPARSTREAM",
	StatusTLVNotAllowed:       "ESME_ROPTPARNOTALLWD",
	StatusInvTLVLen:           "ESME_RINVPARLEN",
	StatusMissingTLV:          "ESME_RMISSINGOPTPARAM",
	StatusInvTLVValue:         "ESME_RINVOPTPARAMVAL",
	StatusDeliveryFailure:     "ESME_RDELIVERYFAILURE",
	StatusUnknownErr:          "ESME_RUNKNOWNERR",
	StatusServiceUnauthorised: "ESME_RSERTYPUNAUTH",
	StatusProhibited:          "ESME_RPROHIBITED",
	StatusServiceUnavailable:  "ESME_RSERTYPUNAVAIL",
	StatusServiceDenied:       "ESME_RSERTYPDENIED",
	StatusInvDataCoding:       "ESME_RINVDCS",
	StatusInvSrcSubunit:       "ESME_RINVSRCADDRSUBUNIT",
	StatusInvDstSubunit:       "ESME_RINVDSTADDRSUBUNIT",
	StatusInvCastInterval:     "ESME_RINVBCASTFREQINT",
	StatusInvCastAlias:        "ESME_RINVBCASTALIAS_NAME",
	StatusInvCastAreaFormat:   "ESME_RINVBCASTAREAFMT",
	StatusInvCastAreas:        "ESME_RINVNUMBCAST_AREAS",
	StatusInvCastContent:      "ESME_RINVBCASTCNTTYPE",
	StatusInvCastClass:        "ESME_RINVBCASTMSGCLASS",
	StatusCastFail:            "ESME_RBCASTFAIL",
	StatusCastQueryFail:       "ESME_RBCASTQUERYFAIL",
	StatusCastCancelFail:      "ESME_RBCASTCANCELFAIL",
	StatusInvCastRepeats:      "ESME_RINVBCAST_REP",
	StatusInvCastGroup:        "ESME_RINVBCASTSRVGRP",
	StatusInvCastChannel:      "ESME_RINVBCASTCHANIND",
}

// StatusName is the specification's name of a status, as operators' manuals and
// traces spell it; one that no specification has is its number.
func StatusName(s Status) string {
	if name, ok := tableStatus[s]; ok {
		return name
	}
	return fmt.Sprintf("0x%08X", uint32(s))
}
