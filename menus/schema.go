package menus

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"mlango/internal/conf"
)

// schemaHelp is what an editor shows beside a key.
var schemaHelp = map[string]string{
	"menu": "The author's label, as wallet@1.", "include": "Shared fragments, by their names from this menu's folder.",
	"retired": "Screens, variables and screen/keys that are never used again.", "languages": "Two letters and gsm7 or ucs2; the first is the fallback.",
	"fits": "What a screen may take.", "operators": "What each operator's handsets show; the tightest is proved.", "reply": "What the calls of one hop may take together.",
	"tries": "Wrong answers to one screen before the dialogue ends.", "vars": "At most 16, each with its type.", "secrets": "Digits that only an order takes.",
	"labels": "What the words of choices are called.", "keys": "Back, home and the next page.", "says": "Answers to what was typed wrong.",
	"start": "The first screen.", "begin": "What a dial meets first; the last without if.", "dial": "Shortcuts behind the short code.",
	"screens": "What subscribers see.", "sms": "The messages.", "ask": "The variable or secret that is asked for.", "check": "What must hold of an answer.",
	"options": "A list to pick from.", "call": "Asks the ledger; has no effects.", "order": "Moves money or counts an attempt; needs a secret.",
	"in": "The call's parameters.", "keep": "What an outcome gives, into variables of the same name.", "budget": "How long to wait, as 1200ms.",
	"takes": "Which secrets the order takes, where it takes several.", "rows": "The words of a list that an outcome gives, one for each kind of row.",
	"then": "A way for every outcome.", "use": "Shared answers, for the outcomes that then leaves.", "answers": "Sets of answers that screens share.", "go": "The next screen.", "end": "The last text of the dialogue.", "note": "A line above the next screen.",
	"set": "Variables that the way sets.", "speak": "The language from here on.", "if": "Shown, or taken, only when this holds.",
	"resume":   "After a dialogue broke off: what the next dial is asked, and where Continue leads; at the top the words of both options.",
	"continue": "The option that goes on.", "again": "The option that begins anew.",
	"asked": "Where a subscriber is led who did not dial: what others ask to be approved, each by its name.", "back": "The key that leads back: its own word and way on this screen, in place of back and home.",
	"must": "A condition on the answer.", "else": "What is said when it does not hold.", "key": "What is pressed, in quotes.",
}

// Schema is the JSON Schema (draft 2020-12) of a menu file, for editors; calls
// and orders are those of the catalogue. It knows shapes and names; what holds a
// menu together only Parse knows.
func Schema(cat Catalogue) ([]byte, error) {
	s := schema{cat: cat, defs: map[string]any{}}
	root := s.object(reflect.TypeFor[fileSource]())
	root["$schema"], root["title"] = "https://json-schema.org/draft/2020-12/schema", "A menu of Mlango"
	root["required"] = []string{"menu", "languages", "keys", "says", "start", "begin", "screens", "sms"}
	root["$defs"] = s.defs
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("menus: schema: %w", err)
	}
	return append(out, '\n'), nil
}

type schema struct {
	cat  Catalogue
	defs map[string]any
}

// of is the schema of a Go type that a file is read into.
func (s *schema) of(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[conf.Duration]():
		return map[string]any{"type": "string", "pattern": `^[0-9.]+(ms|s|m|h)([0-9.]+(ms|s))?$`}
	case t == reflect.TypeFor[quoted]():
		return map[string]any{"type": "string"}
	case t == reflect.TypeFor[textsSource]():
		return map[string]any{"type": "object", "propertyNames": map[string]any{"pattern": goodLang.String()}, "minProperties": 1,
			"additionalProperties": map[string]any{"type": "string", "minLength": 1, "maxLength": MaxText}}
	case t == reflect.TypeFor[waySource]():
		return map[string]any{"oneOf": []any{map[string]any{"type": "string", "pattern": goodName.String()}, s.ref(reflect.TypeFor[wayKeys]())}}
	case strings.HasPrefix(t.Name(), "At["):
		return s.of(t.Field(0).Type)
	case strings.HasPrefix(t.Name(), "Map["):
		value, _ := t.Elem().FieldByName("Value")
		return map[string]any{"type": "object", "additionalProperties": s.of(value.Type)}
	case t.Kind() == reflect.Struct:
		return s.ref(t)
	case t.Kind() == reflect.Slice:
		return map[string]any{"type": "array", "items": s.of(t.Elem())}
	case t.Kind() == reflect.Int:
		return map[string]any{"type": "integer", "minimum": 0}
	}
	return map[string]any{"type": "string"}
}

// ref names a struct and describes it once.
func (s *schema) ref(t reflect.Type) map[string]any {
	name := strings.TrimSuffix(strings.TrimSuffix(t.Name(), "Source"), "Keys")
	if s.defs[name] == nil {
		s.defs[name] = true // against going round
		s.defs[name] = s.object(t)
	}
	return map[string]any{"$ref": "#/$defs/" + name}
}

func (s *schema) object(t reflect.Type) map[string]any {
	keys := map[string]any{}
	for _, f := range reflect.VisibleFields(t) {
		key := f.Tag.Get("yaml")
		if f.Anonymous || key == "" {
			continue
		}
		one := s.of(f.Type)
		if help := schemaHelp[key]; help != "" {
			one["description"] = help
		}
		if t == reflect.TypeFor[screenSource]() && (key == "call" || key == "order") {
			one["enum"] = s.functions(key == "order")
		}
		if key == "set" || key == "in" {
			one["additionalProperties"] = map[string]any{"type": []string{"string", "boolean"}}
		}
		keys[key] = one
	}
	return map[string]any{"type": "object", "properties": keys, "additionalProperties": false}
}

func (s *schema) functions(effects bool) []string {
	out := []string{}
	for name, fn := range s.cat {
		if fn.Effects == effects {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
