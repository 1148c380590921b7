package dialog

// Why a hop was refused: words for metrics.
const (
	RefusedBad    = "bad"    // no door should have let it in
	RefusedDead   = "dead"   // no such session, or it ended
	RefusedOrder  = "order"  // out of order
	RefusedLate   = "late"   // nothing came back in time
	RefusedStore  = "store"  // the session store is silent or full
	RefusedLedger = "ledger" // the ledger is out of reach
	RefusedMenu   = "menu"   // the menu has no way on
)

// Screens for an effect whose own screen is missing.
const (
	textPromised = "promised" // no answer yet; an SMS tells it
	textUnsure   = "unsure"   // no answer, and even the promise could not be written down
	textDone     = "done"     // committed
	textNotDone  = "not_done" // rejected
	textPIN      = "pin"      // a PIN may have been set
	textOff      = "off"      // this part of the menu is switched off
)

// tableTexts are the screens that no menu words, since its bundle or its session
// may be what is missing. None of them says that money moved or did not, unless
// it is certain. They fit 160 septets, the Amharic ones 80 letters; those wait for a
// native reader, as the menu's own do.
var tableTexts = map[string]map[string]string{
	RefusedBad: {
		"en": "This request is not valid. Nothing was taken.",
		"sw": "Ombi hili si sahihi. Hakuna kilichotolewa.",
		"am": "ጥያቄው ትክክል አይደለም። ምንም ገንዘብ አልተቀነሰም።",
	},
	RefusedDead: {
		"en": "This session has ended. Nothing new was done. Please dial again.",
		"sw": "Kipindi hiki kimeisha. Hakuna jipya lililofanyika. Tafadhali piga tena.",
		"am": "ይህ ግንኙነት አብቅቷል። አዲስ ነገር አልተደረገም። እንደገና ይደውሉ።",
	},
	RefusedOrder: {
		"en": "This session lost its place. Nothing new was done. Please dial again.",
		"sw": "Kipindi hiki kimepotea. Hakuna jipya lililofanyika. Tafadhali piga tena.",
		"am": "ግንኙነቱ ተቋርጧል። አዲስ ነገር አልተደረገም። እንደገና ይደውሉ።",
	},
	RefusedLate: {
		"en": "The service is busy. If you confirmed a payment, check your balance before you repeat it.",
		"sw": "Huduma ina shughuli. Kama ulithibitisha malipo, angalia salio kabla ya kurudia.",
		"am": "ስራ በዝቶብናል። ክፍያ ካረጋገጡ ከመድገምዎ በፊት ቀሪ ሂሳብዎን ይመልከቱ።",
	},
	RefusedStore: {
		"en": "The service is busy. Nothing was taken. Please dial again later.",
		"sw": "Huduma ina shughuli. Hakuna kilichotolewa. Tafadhali piga tena baadaye.",
		"am": "ስራ በዝቶብናል። ምንም ገንዘብ አልተቀነሰም። ቆይተው እንደገና ይደውሉ።",
	},
	RefusedLedger: {
		"en": "The service is not available now. Nothing was taken. Please dial again later.",
		"sw": "Huduma haipatikani sasa. Hakuna kilichotolewa. Tafadhali piga tena baadaye.",
		"am": "አገልግሎቱ አሁን አይገኝም። ምንም ገንዘብ አልተቀነሰም። ቆይተው ይደውሉ።",
	},
	RefusedMenu: {
		"en": "The service cannot go on. Nothing was taken. Please dial again.",
		"sw": "Huduma haiwezi kuendelea. Hakuna kilichotolewa. Tafadhali piga tena.",
		"am": "አገልግሎቱ መቀጠል አይችልም። ምንም ገንዘብ አልተቀነሰም። እንደገና ይደውሉ።",
	},
	textDone: {
		"en": "Done. The SMS tells you more.",
		"sw": "Imekamilika. SMS itakueleza zaidi.",
		"am": "ተከናውኗል። ዝርዝሩ በSMS ይደርስዎታል።",
	},
	textNotDone: {
		"en": "Not done. Nothing was taken. Please dial again.",
		"sw": "Haikufanyika. Hakuna kilichotolewa. Tafadhali piga tena.",
		"am": "አልተከናወነም። ምንም ገንዘብ አልተቀነሰም። እንደገና ይደውሉ።",
	},
	textPIN: {
		"en": "Your PIN may be the new one now. Please dial again and try it first.",
		"sw": "PIN yako huenda ni mpya sasa. Tafadhali piga tena uijaribu kwanza.",
		"am": "ፒንዎ ተቀይሮ ሊሆን ይችላል። እንደገና ደውለው መጀመሪያ አዲሱን ይሞክሩ።",
	},
	textOff: {
		"en": "This service is switched off for now. Nothing was taken. Please try later.",
		"sw": "Huduma hii imezimwa kwa sasa. Hakuna kilichotolewa. Tafadhali jaribu baadaye.",
		"am": "ይህ አገልግሎት ለጊዜው ተዘግቷል። ምንም ገንዘብ አልተቀነሰም። ቆይተው ይሞክሩ።",
	},
	textPromised: {
		"en": "In progress. Do not repeat; SMS follows.",
		"sw": "Inashughulikiwa. Usirudie; SMS inakuja.",
		"am": "በሂደት ላይ ነው። አይድገሙ፤ SMS ይላካል።",
	},
	textUnsure: {
		"en": "In progress. Check your balance before you repeat this payment.",
		"sw": "Inashughulikiwa. Angalia salio kabla ya kurudia malipo haya.",
		"am": "በሂደት ላይ ነው። ክፍያውን ከመድገምዎ በፊት ቀሪ ሂሳብዎን ይመልከቱ።",
	},
}

// refuse is a truthful last screen in a language, English when it has no other.
func refuse(why, lang string) Reply {
	return Reply{Text: plain(why, lang), End: true, Refused: why}
}

// unsure refuses a hop about which too little is known: it may repeat one that
// confirmed a payment, so only a dial is told that nothing was taken.
func unsure(why string, hop *Hop, lang string) Reply {
	if hop.Op == Begin {
		return refuse(why, lang)
	}
	return Reply{Text: plain(RefusedLate, lang), End: true, Refused: why}
}

func plain(name, lang string) string {
	if text, ok := tableTexts[name][lang]; ok {
		return text
	}
	return tableTexts[name]["en"]
}
