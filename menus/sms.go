package menus

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mlango/internal/conf"
)

// The SMS templates of a bundle.
const (
	SMSSent            = "sent"             // to the payer
	SMSReceived        = "received"         // to the payee
	SMSIssued          = "issued"           // real money arrived
	SMSRedeemed        = "redeemed"         // real money left
	SMSAirtimeBought   = "airtime_bought"   // to the payer
	SMSAirtimeReceived = "airtime_received" // to whom it was given
	SMSWithdrawn       = "withdrawn"        // to the payer: cash out at an agent
	SMSGaveCash        = "gave_cash"        // to that agent
	SMSDeposited       = "deposited"        // to the payee: cash in at an agent
	SMSTookCash        = "took_cash"        // to that agent
	SMSBillPaid        = "bill_paid"        // to the payer, of a bill with a reference
	SMSBillReceived    = "bill_received"    // to the payee of it
	SMSGoodsPaid       = "goods_paid"       // to the payer: at a till, or a bill without a reference
	SMSCameBack        = "came_back"        // to whom a reversal brought money back
	SMSTakenBack       = "taken_back"       // to whom it took it from
	SMSHeld            = "held"             // to the payer: money is reserved until an instant, nothing is taken yet
	SMSHeldPart        = "held_part"        // to the payer: a part of it was taken, the rest is free again
	SMSHeldVoided      = "held_voided"      // to the payer: all of it is free again
	SMSHeldExpired     = "held_expired"     // to the payer: so it is, for its time is over
	SMSNewPIN          = "new_pin"          // to whose PIN was set or changed by handset
	SMSNotReversed     = "not_reversed"     // a promised reversal was refused; "reason" is the reject's word
	SMSNotDone         = "not_done"         // a promised order was refused; "reason" is the reject's word
	SMSExpired         = "expired"          // a promised order was never made
)

// ErrSMS says that a text cannot be written: the bundle has no such template or
// language, or a value is missing.
var ErrSMS = errors.New("menus: no such SMS text")

// smsValues are the values of each template: name → type; a ! before the type
// marks those that a text must show.
var smsValues = map[string]map[string]string{
	SMSSent:            {"receipt": "!text<=10", "amount": "!money", "name": "text<=40", "to": "!msisdn", "at": "time", "balance": "!money", "fee": "!money"},
	SMSReceived:        {"receipt": "!text<=10", "amount": "!money", "name": "text<=40", "from": "msisdn", "at": "time", "balance": "!money"},
	SMSIssued:          {"receipt": "!text<=10", "amount": "!money", "at": "time", "balance": "!money"},
	SMSRedeemed:        {"receipt": "!text<=10", "amount": "!money", "at": "time", "balance": "!money", "fee": "money"},
	SMSAirtimeBought:   {"receipt": "!text<=10", "amount": "!money", "to": "msisdn", "at": "time", "balance": "!money", "fee": "!money"},
	SMSAirtimeReceived: {"receipt": "!text<=10", "amount": "!money", "from": "msisdn", "at": "time"},
	SMSWithdrawn:       {"receipt": "!text<=10", "amount": "!money", "name": "!text<=40", "at": "time", "balance": "!money", "fee": "!money"},
	SMSGaveCash:        {"receipt": "!text<=10", "amount": "!money", "name": "!text<=40", "from": "msisdn", "at": "time", "balance": "!money"},
	SMSDeposited:       {"receipt": "!text<=10", "amount": "!money", "name": "!text<=40", "at": "time", "balance": "!money"},
	SMSTookCash:        {"receipt": "!text<=10", "amount": "!money", "name": "!text<=40", "to": "msisdn", "at": "time", "balance": "!money", "fee": "money"},
	SMSBillPaid:        {"receipt": "!text<=10", "amount": "!money", "name": "!text<=40", "account": "!text<=20", "at": "time", "balance": "!money", "fee": "!money"},
	SMSBillReceived:    {"receipt": "!text<=10", "amount": "!money", "name": "text<=40", "from": "msisdn", "account": "!text<=20", "at": "time", "balance": "!money"},
	SMSGoodsPaid:       {"receipt": "!text<=10", "amount": "!money", "name": "!text<=40", "at": "time", "balance": "!money", "fee": "!money"},
	SMSCameBack:        {"receipt": "!text<=10", "amount": "!money", "name": "text<=40", "to": "msisdn", "at": "time", "balance": "!money"},
	SMSTakenBack:       {"receipt": "!text<=10", "amount": "!money", "name": "text<=40", "from": "msisdn", "at": "time", "balance": "!money"},
	SMSHeld:            {"receipt": "!text<=10", "amount": "!money", "name": "text<=40", "to": "!msisdn", "until": "!time", "at": "time", "balance": "money", "available": "!money", "fee": "!money"},
	SMSHeldPart:        {"receipt": "!text<=10", "amount": "!money", "released": "!money", "name": "text<=40", "to": "!msisdn", "at": "time", "balance": "!money", "fee": "!money"},
	SMSHeldVoided:      {"receipt": "!text<=10", "released": "!money", "name": "text<=40", "to": "msisdn", "at": "time", "balance": "money", "available": "!money"},
	SMSHeldExpired:     {"receipt": "!text<=10", "released": "!money", "name": "text<=40", "to": "msisdn", "at": "time", "balance": "money", "available": "!money"},
	SMSNewPIN:          {"at": "!time"},
	SMSNotReversed:     {"amount": "!money", "payee": "text<=20", "reason": "!text<=40"},
	SMSNotDone:         {"amount": "!money", "payee": "text<=20", "reason": "!text<=40"},
	SMSExpired:         {"amount": "!money", "payee": "text<=20"},
}

// templateNames are the templates in the order of a menu file.
func templateNames() []string {
	return []string{SMSSent, SMSReceived, SMSIssued, SMSRedeemed, SMSAirtimeBought, SMSAirtimeReceived,
		SMSWithdrawn, SMSGaveCash, SMSDeposited, SMSTookCash, SMSBillPaid, SMSBillReceived, SMSGoodsPaid, SMSCameBack, SMSTakenBack,
		SMSHeld, SMSHeldPart, SMSHeldVoided, SMSHeldExpired, SMSNewPIN, SMSNotReversed, SMSNotDone, SMSExpired}
}

// SMS writes the text of a template in a language (one that the bundle does not
// speak gets its first). vals holds the template's values and "zone", minutes
// east of UTC in Int; the value "reason" is a reject's word in Text.
func (b *Bundle) SMS(template, lang string, vals map[string]Value) (string, error) {
	all, ok := b.sms[template]
	if !ok {
		return "", fmt.Errorf("%w: %q", ErrSMS, template)
	}
	l := b.speak(lang)
	s := scope{out: vals, zone: int(vals["zone"].Int), sign: b.sign, long: true}
	buf := make([]byte, 0, 256)
	for i := range all[l] {
		p := &all[l][i]
		if p.from == fromOutcome && p.name == "reason" {
			reason, ok := b.reasons[vals["reason"].Text]
			if !ok {
				return "", fmt.Errorf("%w: the reason %q", ErrSMS, vals["reason"].Text)
			}
			buf = reason[l].append(buf, &s)
			continue
		}
		if p.from == fromOutcome && !vals[p.name].Set {
			return "", fmt.Errorf("%w: %q without %q", ErrSMS, template, p.name)
		}
		buf = p.append(buf, &s)
	}
	return string(buf), nil
}

// messages compiles the SMS templates and the reasons of "not done".
func (bd *builder) messages() {
	bd.spoken()
	bd.reasonTexts(bd.doc.Pos("sms"))
}

// spoken compiles the SMS templates.
func (bd *builder) spoken() {
	s, at := &bd.src.SMS, bd.doc.Pos("sms")
	from := map[string]*textsSource{SMSSent: &s.Sent, SMSReceived: &s.Received, SMSIssued: &s.Issued, SMSRedeemed: &s.Redeemed, SMSAirtimeBought: &s.AirtimeBought,
		SMSAirtimeReceived: &s.AirtimeReceived, SMSHeld: &s.Held, SMSHeldPart: &s.HeldPart, SMSHeldVoided: &s.HeldVoided, SMSHeldExpired: &s.HeldExpired, SMSNewPIN: &s.NewPIN,
		SMSWithdrawn: &s.Withdrawn, SMSGaveCash: &s.GaveCash, SMSDeposited: &s.Deposited, SMSTookCash: &s.TookCash, SMSBillPaid: &s.BillPaid,
		SMSBillReceived: &s.BillReceived, SMSGoodsPaid: &s.GoodsPaid, SMSCameBack: &s.CameBack, SMSTakenBack: &s.TakenBack,
		SMSNotReversed: &s.NotReversed, SMSNotDone: &s.NotDone, SMSExpired: &s.Expired}
	bd.b.sms, bd.b.reasons = map[string]texts{}, map[string]texts{}
	for _, name := range templateNames() {
		if !from[name].isSet() {
			bd.fail(at, harmGap, "add "+name+": below sms", "the SMS text sms.%s is missing", name)
			continue
		}
		outs := map[string]typ{}
		for value, t := range smsValues[name] {
			outs[value], _ = parseType(strings.TrimPrefix(t, "!"))
		}
		bd.b.sms[name] = bd.texts(from[name], bd.outsOnly(outs))
		bd.shows(name, from[name])
	}
}

// shows complains about a template that leaves out what its reader must learn.
func (bd *builder) shows(name string, src *textsSource) {
	for lang, t := range bd.b.sms[name] {
		for value, kind := range smsValues[name] {
			if kind[0] == '!' && !slices.ContainsFunc(t, func(p piece) bool { return p.name == value }) {
				harm, shown := harmMoney, value
				if name == SMSNewPIN {
					harm = harmWhose
				}
				if kind == "!time" {
					shown += ".date"
				}
				bd.fail(posIn(src, bd.b.langs[lang].code), harm, "add {"+shown+"}", "sms.%s must say {%s}", name, value)
			}
		}
	}
}

// reasonTexts wants a sentence for every way in which an order that was promised
// can end without being made.
func (bd *builder) reasonTexts(at conf.Pos) {
	wanted := map[string]bool{}
	for _, fn := range bd.cat {
		for _, o := range fn.Outcomes {
			if fn.Later && o != "ok" && o != "unknown" {
				wanted[o] = true
			}
		}
	}
	for _, r := range bd.src.SMS.Reasons {
		t := bd.texts(&r.Value, bd.outsOnly(nil))
		for _, word := range strings.Split(strings.ReplaceAll(r.Key, " ", ""), ",") {
			if !wanted[word] {
				bd.fail(r.Pos, harmHidden, known(wanted), "%q is no reason", word)
			}
			bd.b.reasons[word] = t
		}
	}
	var missing []string
	for word := range wanted {
		if bd.b.reasons[word] == nil {
			missing = append(missing, word)
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		bd.fail(at, harmGap, "add them below sms.reasons", "reasons without a sentence: %s", strings.Join(missing, ", "))
	}
}

// message measures an SMS at worst and refuses one of too many parts.
func (bd *builder) message(name string, t texts, lang int) {
	b, set := bd.b, bd.b.langs[lang].set
	units := 0
	for i := range t[lang] {
		if p := &t[lang][i]; p.name == "reason" {
			longest := 0
			for _, r := range b.reasons {
				longest = max(longest, r[lang].units(set, b.sign))
			}
			units += longest
		} else {
			units += t[lang][i:i+1].units(set, b.sign)
		}
	}
	one, more := 160, 153 // septets of one SMS, and of a part of a long one
	if set == ucs2 {
		one, more = 70, 67
	}
	limit := one
	if b.parts > 1 {
		limit = b.parts * more
	}
	at := bd.doc.Pos("sms." + name)
	b.fits = append(b.fits, Fit{Line: at.Line, Screen: "sms/" + name, Lang: b.langs[lang].code, UCS2: set == ucs2, Units: units, Limit: limit})
	if units > limit {
		bd.fail(at, harmCut, "shorten it, or raise fits.sms_parts", "sms.%s in %s can take %d of %d %s", name, b.langs[lang].code, units, limit, set)
	}
}
