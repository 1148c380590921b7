package dialect

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep an aggregator's JSON or XML may be.
const maxDepth = 6

// The forms of a body.
const (
	formForm = "form"
	formJSON = "json"
	formXML  = "xml"
	formText = "text"
)

// record is a body laid flat: names joined by dots, payload.response, and their
// values as text. The name of an XML root stands under the empty name, an attribute
// behind an @: msisdn@number. It shares no bytes with the body.
type record map[string]string

// flatten reads a body strictly: bounded in size, depth and fields, no field
// twice, nothing but UTF-8 without control characters.
func flatten(form string, body []byte) (record, error) {
	if len(body) > MaxBody {
		return nil, fmt.Errorf("%w: a body of %d bytes", ErrLength, len(body))
	}
	switch form {
	case formJSON:
		return flattenJSON(body)
	case formXML:
		return flattenXML(body)
	case formText:
		return record{"": string(body)}, nil
	}
	return flattenForm(body)
}

// put adds a field; what it refuses it does not quote, since it may be a PIN.
func (r record) put(name, value string) error {
	if !clean(value) || !clean(name) {
		return fmt.Errorf("%w: the octets of a field", ErrValue)
	}
	if _, twice := r[name]; twice {
		return fmt.Errorf("%w: a field stands twice", ErrValue)
	}
	if r[name] = value; len(r) > MaxFields {
		return fmt.Errorf("%w: more than %d fields", ErrLength, MaxFields)
	}
	return nil
}

func clean(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' || r == 0x7f })
}

func flattenForm(body []byte) (record, error) {
	out := make(record, 8)
	for pair := range strings.SplitSeq(string(body), "&") {
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil {
			return nil, fmt.Errorf("%w: a field's name", ErrValue)
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			return nil, fmt.Errorf("%w: the octets of a field", ErrValue)
		}
		if err := out.put(name, value); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// flattenJSON reads one JSON object. Lists are passed over: no dialect has one.
func flattenJSON(body []byte) (record, error) {
	if !utf8.Valid(body) {
		return nil, fmt.Errorf("%w: not UTF-8", ErrValue)
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	out := make(record, 12)
	if first, err := dec.Token(); err != nil || first != json.Delim('{') {
		return nil, fmt.Errorf("%w: no JSON object", ErrValue)
	}
	if err := out.object(dec, "", 1); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: more than one JSON object", ErrValue)
	}
	return out, nil
}

// object reads the fields of an object whose brace is read, and its end.
func (r record) object(dec *json.Decoder, path string, depth int) error {
	for {
		name, err := dec.Token()
		if err != nil {
			return fmt.Errorf("%w: broken JSON", ErrValue)
		}
		key, ok := name.(string)
		if !ok {
			return nil // the closing brace
		}
		if err := r.value(dec, path+key, depth); err != nil {
			return err
		}
	}
}

func (r record) value(dec *json.Decoder, name string, depth int) error {
	token, err := dec.Token()
	if err != nil {
		return fmt.Errorf("%w: broken JSON", ErrValue)
	}
	switch v := token.(type) {
	case json.Delim:
		if depth >= maxDepth {
			return fmt.Errorf("%w: JSON deeper than %d", ErrLength, maxDepth)
		}
		if v == '{' {
			return r.object(dec, name+".", depth+1)
		}
		return pass(dec)
	case nil:
		return nil
	case string:
		return r.put(name, v)
	}
	return r.put(name, fmt.Sprint(token))
}

// pass reads to the end of a list.
func pass(dec *json.Decoder) error {
	for depth := 1; depth > 0; {
		token, err := dec.Token()
		if err != nil {
			return fmt.Errorf("%w: broken JSON", ErrValue)
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
		if depth > maxDepth {
			return fmt.Errorf("%w: JSON deeper than %d", ErrLength, maxDepth)
		}
	}
	return nil
}

// flattenXML reads one element with its children and attributes; a document type,
// which could define entities, is refused.
func flattenXML(body []byte) (record, error) {
	x := xmlReader{out: make(record, 8)}
	for dec := xml.NewDecoder(bytes.NewReader(body)); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) && len(x.path) == 0 && len(x.out) > 0 {
			return x.out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: broken XML", ErrValue)
		}
		if err := x.take(token); err != nil {
			return nil, err
		}
	}
}

// xmlReader lays XML flat, one token after another.
type xmlReader struct {
	out  record
	path []string
	text strings.Builder
	leaf bool // nothing but text stood in the element so far
}

func (x *xmlReader) take(token xml.Token) (err error) {
	switch t := token.(type) {
	case xml.Directive:
		return fmt.Errorf("%w: XML with a document type", ErrValue)
	case xml.StartElement:
		if len(x.path) >= maxDepth {
			return fmt.Errorf("%w: XML deeper than %d", ErrLength, maxDepth)
		}
		if len(x.path) == 0 {
			err = x.out.put("", t.Name.Local) // a second root stands there twice
		}
		x.path, x.leaf = append(x.path, t.Name.Local), true
		x.text.Reset()
		for _, a := range t.Attr {
			if err == nil && a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
				err = x.out.put(strings.Join(x.path[1:], ".")+"@"+a.Name.Local, a.Value)
			}
		}
	case xml.CharData:
		x.text.Write(t)
	case xml.EndElement:
		if x.leaf && len(x.path) > 1 {
			err = x.out.put(strings.Join(x.path[1:], "."), strings.TrimSpace(x.text.String()))
		}
		x.path, x.leaf = x.path[:len(x.path)-1], false
		x.text.Reset()
	}
	return err
}
