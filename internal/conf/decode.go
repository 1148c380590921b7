package conf

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Node is a piece of the file, for types that read themselves.
type Node struct {
	doc  *Doc
	node *yaml.Node
	path string
}

// Reader is a type that reads itself from a piece of the file. What is wrong it
// says with Node.Fail and goes on.
type Reader interface{ ReadConf(n Node) }

// At is a value that knows where it stood.
type At[T any] struct {
	Value T
	Pos   Pos
}

// ReadConf reads the value and notes its place.
func (a *At[T]) ReadConf(n Node) { a.Pos = n.Pos(); n.Decode(&a.Value) }

// Pair is one entry of a Map.
type Pair[T any] struct {
	Key   string
	Pos   Pos // of the key
	Value T
}

// Map is a mapping in the order of the file.
type Map[T any] []Pair[T]

// ReadConf reads a mapping.
func (m *Map[T]) ReadConf(n Node) {
	n.Each(func(key string, pos Pos, value Node) {
		p := Pair[T]{Key: key, Pos: pos}
		value.Decode(&p.Value)
		*m = append(*m, p)
	})
}

// Get finds a key.
func (m Map[T]) Get(key string) (value T, ok bool) {
	for i := range m {
		if m[i].Key == key {
			return m[i].Value, true
		}
	}
	return value, false
}

// Pos is the piece's place.
func (n Node) Pos() Pos { return posOf(n.node) }

// Path is the piece's path, as Doc.Pos takes it.
func (n Node) Path() string { return n.path }

// IsScalar, IsList and IsMap tell the piece's shape.
func (n Node) IsScalar() bool { return n.node.Kind == yaml.ScalarNode }

// IsList tells whether the piece is a list.
func (n Node) IsList() bool { return n.node.Kind == yaml.SequenceNode }

// IsMap tells whether the piece is a mapping.
func (n Node) IsMap() bool { return n.node.Kind == yaml.MappingNode }

// Text is a scalar's text as written, without quotes.
func (n Node) Text() string { return n.node.Value }

// Quoted tells whether a scalar stood in quotes or as a block.
func (n Node) Quoted() bool { return n.node.Style&^yaml.FlowStyle != 0 }

// Decode reads the piece into out, a pointer.
func (n Node) Decode(out any) { n.doc.value(n.node, n.path, reflect.ValueOf(out).Elem()) }

// Fail notes that the piece is wrong.
func (n Node) Fail(what, mend string) { n.doc.add(n.Pos(), what, mend) }

// Items calls f for each item of a list; anything else is noted as wrong.
func (n Node) Items(f func(item Node)) {
	if !n.IsList() {
		n.Fail("a list is expected here", "write one `- item` a line")
		return
	}
	for i, c := range n.node.Content {
		f(n.doc.child(c, fmt.Sprintf("%s[%d]", n.path, i)))
	}
}

// Each calls f for each entry of a mapping; anything else is noted as wrong.
func (n Node) Each(f func(key string, pos Pos, value Node)) {
	if !n.IsMap() {
		n.Fail("`key: value` lines are expected here", "indent them below this key")
		return
	}
	for i := 0; i+1 < len(n.node.Content); i += 2 {
		key := n.node.Content[i]
		f(key.Value, posOf(key), n.doc.child(n.node.Content[i+1], join(n.path, key.Value)))
	}
}

func (d *Doc) child(n *yaml.Node, path string) Node {
	d.at[path] = posOf(n)
	return Node{doc: d, node: n, path: path}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (d *Doc) decode(root *yaml.Node, out any) { d.value(root, "", reflect.ValueOf(out).Elem()) }

// value reads n into v, whatever its type.
func (d *Doc) value(n *yaml.Node, path string, v reflect.Value) {
	if v.CanAddr() {
		if r, ok := v.Addr().Interface().(Reader); ok {
			if isNull(n) {
				d.null(n, path)
				return
			}
			r.ReadConf(Node{doc: d, node: n, path: path})
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		d.value(n, path, p.Elem())
		v.Set(p)
	case reflect.Struct:
		d.object(n, path, v)
	case reflect.Slice:
		d.list(n, path, v)
	case reflect.Map:
		d.mapping(n, path, v)
	default:
		d.scalar(n, path, v)
	}
}

func (d *Doc) null(n *yaml.Node, path string) {
	name := path[strings.LastIndexAny(path, ".")+1:]
	d.add(posOf(n), fmt.Sprintf("nothing stands after %q", name), "write a value; one that begins with # or * needs quotes")
}

// object reads a mapping into a struct; a key without a field is wrong.
func (d *Doc) object(n *yaml.Node, path string, v reflect.Value) {
	fields := d.fieldsOf(v.Type())
	(Node{d, n, path}).Each(func(key string, pos Pos, value Node) {
		i, ok := fields[key]
		if !ok {
			names := make([]string, 0, len(fields))
			for name := range fields {
				names = append(names, name)
			}
			d.add(pos, fmt.Sprintf("the key %q is not known here", key), suggestion(key, names))
			return
		}
		d.value(value.node, value.path, v.FieldByIndex(i))
	})
}

// fieldsOf is fieldsOf, once a type.
func (d *Doc) fieldsOf(t reflect.Type) map[string][]int {
	if d.fields == nil {
		d.fields = map[reflect.Type]map[string][]int{}
	}
	if d.fields[t] == nil {
		d.fields[t] = fieldsOf(t)
	}
	return d.fields[t]
}

// fieldsOf maps yaml keys to fields, those of inlined structs included.
func fieldsOf(t reflect.Type) map[string][]int {
	out := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		tag, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if !f.IsExported() || tag == "-" || options == "inline" || f.Anonymous {
			continue
		}
		if tag == "" {
			tag = strings.ToLower(f.Name)
		}
		out[tag] = f.Index
	}
	return out
}

func suggestion(word string, known []string) string {
	if near := Nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	sortStrings(known)
	return "known here: " + strings.Join(known, ", ")
}

func (d *Doc) list(n *yaml.Node, path string, v reflect.Value) {
	out := reflect.MakeSlice(v.Type(), 0, len(n.Content))
	(Node{d, n, path}).Items(func(item Node) {
		e := reflect.New(v.Type().Elem()).Elem()
		d.value(item.node, item.path, e)
		out = reflect.Append(out, e)
	})
	v.Set(out)
}

func (d *Doc) mapping(n *yaml.Node, path string, v reflect.Value) {
	out := reflect.MakeMapWithSize(v.Type(), len(n.Content)/2)
	(Node{d, n, path}).Each(func(key string, _ Pos, value Node) {
		e := reflect.New(v.Type().Elem()).Elem()
		d.value(value.node, value.path, e)
		out.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), e)
	})
	v.Set(out)
}

// scalar reads one word. Text is kept as written: 0123 stays 0123.
func (d *Doc) scalar(n *yaml.Node, path string, v reflect.Value) {
	switch {
	case n.Kind != yaml.ScalarNode:
		d.add(posOf(n), "one value is expected here", "remove the nested lines")
		return
	case isNull(n):
		d.null(n, path)
		return
	}
	text := n.Value
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			d.add(posOf(n), fmt.Sprintf("%q is not true or false", text), "write true or false")
			return
		}
		v.SetBool(text == "true")
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			d.add(posOf(n), fmt.Sprintf("%q is not a whole number", text), "write digits only")
			return
		}
		v.SetInt(i)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		u, err := strconv.ParseUint(text, 10, v.Type().Bits())
		if err != nil {
			d.add(posOf(n), fmt.Sprintf("%q is not a whole number from 0 to %d", text, uint64(1)<<(v.Type().Bits()-1)*2-1), "write digits only")
			return
		}
		v.SetUint(u)
	default:
		d.add(posOf(n), "this key cannot be set in a file", "remove it")
	}
}

// Duration is a span of time, written as 4s, 250ms or 1m30s.
type Duration time.Duration

// D is the span as Go knows it.
func (d Duration) D() time.Duration { return time.Duration(d) }

// String is the span as it is written.
func (d Duration) String() string { return time.Duration(d).String() }

// ReadConf reads a span; none is negative.
func (d *Duration) ReadConf(n Node) {
	span, err := time.ParseDuration(n.Text())
	if !n.IsScalar() || err != nil || span < 0 {
		n.Fail(fmt.Sprintf("%q is not a span of time", n.Text()), "write a number with ms, s, m or h, as 4s or 250ms")
		return
	}
	*d = Duration(span)
}
