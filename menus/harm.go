package menus

import (
	"errors"
	"strings"

	"mlango/internal/conf"
)

// harm is what a subscriber would see go wrong if the menu were used as it is.
type harm string

const (
	harmUnread harm = "nobody would see this menu, the one before stays"
	harmFails  harm = "whoever comes here would be told that the service failed"
	harmCut    harm = "handsets would show it without its end, or the operator refuse it"
	harmGap    harm = "subscribers would see a gap where words should be"
	harmOther  harm = "subscribers would read other words than you wrote"
	harmQuery  harm = "handsets would show ? for it"
	harmKey    harm = "a press would do something else than the screen says"
	harmSecret harm = "others could read a subscriber's PIN"
	harmMoney  harm = "a payer would not learn what became of the money, and pay twice"
	harmWrong  harm = "a payment could be made with the wrong values"
	harmLate   harm = "the operator would end the dialogue before the answer comes"
	harmStuck  harm = "whoever comes here could not get out"
	harmDeep   harm = "the operator would end the dialogue on the way there"
	harmDash   harm = "subscribers would see - instead of the value"
	harmUnset  harm = "nothing would stand in its place: subscribers would see - for it, and a condition or a call would take it for nothing"
	harmTries  harm = "whoever mistypes would be turned away at once, or asked without end"
	harmWhose  harm = "its reader could not tell whether it was them"
	harmCheck  harm = "subscribers would be let through, or turned away, by chance"
	harmHidden harm = "nobody would ever see it"
	harmTyped  harm = "what subscribers type would not be taken, or for something else"
	harmLost   harm = "what subscribers typed would be forgotten between two screens"
	harmSlow   harm = "everybody's screens would come late"
	harmDial   harm = "whoever dials it would land elsewhere"
	harmHabit  harm = "subscribers who know the old one by heart would press it and get something else"
)

// unread says of what is no menu at all that nobody would see it.
func unread(err error) error {
	var es conf.Errors
	if errors.As(err, &es) {
		for _, e := range es {
			if e.What += "; " + string(harmUnread); strings.HasPrefix(e.What, "the file is empty") {
				e.Mend = "begin with a copy of scripts/wallet.yaml"
			}
		}
	}
	return err
}
