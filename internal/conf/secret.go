package conf

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
)

// MaxSecret bounds a secret's bytes.
const MaxSecret = 4096

// Secret fetches a secret from the environment variable env or from file; one of
// the two is named, never both. Space at the end is cut. The error names where
// it looked, never what it found.
func Secret(env, file string) ([]byte, error) {
	switch {
	case env != "" && file != "":
		return nil, fmt.Errorf("conf: a secret comes from the environment (%s) or from a file (%s), not from both", env, file)
	case env != "":
		if v, ok := os.LookupEnv(env); ok && v != "" {
			return []byte(v), nil
		}
		return nil, fmt.Errorf("conf: the environment variable %s is not set", env)
	case file != "":
		return secretFile(file)
	}
	return nil, nil
}

func secretFile(file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("conf: secret: %w", err)
	}
	if info.Size() > MaxSecret {
		return nil, fmt.Errorf("conf: the secret file %s has more than %d bytes", file, MaxSecret)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("conf: secret: %w", err)
	}
	if b = bytes.TrimRight(b, " \r\n\t"); len(b) == 0 {
		return nil, fmt.Errorf("conf: the secret file %s is empty", file)
	}
	return b, nil
}

// Print writes the effective configuration, one key a line; a field tagged
// secret:"true" is shown as stars.
func Print(w io.Writer, cfg any) { printValue(w, reflect.ValueOf(cfg), "", "") }

func printValue(w io.Writer, v reflect.Value, indent, lead string) {
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if s, ok := v.Interface().(fmt.Stringer); ok {
		fmt.Fprintf(w, "%s %s\n", lead, s)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		if lead != "" {
			fmt.Fprintln(w, lead)
		}
		printFields(w, v, indent)
	case reflect.Slice:
		fmt.Fprintln(w, lead+empty(v.Len()))
		for i := range v.Len() {
			printValue(w, v.Index(i), indent+"  ", indent+"-")
		}
	case reflect.Map:
		fmt.Fprintln(w, lead+empty(v.Len()))
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			printValue(w, v.MapIndex(k), indent+"  ", indent+"  "+k.String()+":")
		}
	case reflect.Pointer:
		fmt.Fprintln(w, lead+" (not set)")
	case reflect.String:
		fmt.Fprintf(w, "%s %q\n", lead, v.String())
	default:
		fmt.Fprintf(w, "%s %v\n", lead, v.Interface())
	}
}

func empty(n int) string {
	if n == 0 {
		return " (none)"
	}
	return ""
}

func printFields(w io.Writer, v reflect.Value, indent string) {
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case !f.IsExported() || tag == "-":
		case options == "inline" || f.Anonymous:
			printFields(w, v.Field(i), indent)
		case f.Tag.Get("secret") == "true":
			fmt.Fprintf(w, "%s%s: ****\n", indent, tag)
		default:
			if tag == "" {
				tag = strings.ToLower(f.Name)
			}
			printValue(w, v.Field(i), indent+"  ", indent+tag+":")
		}
	}
}

func sortStrings(s []string) { slices.Sort(s) }
