package vault

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestReferences(t *testing.T) {
	v := open(t, t.TempDir())
	id := [16]byte{7}
	if _, err := v.SealRef(1, id, "meter-7"); !errors.Is(err, ErrNoPerson) {
		t.Error(err)
	}
	if err := v.AddPeople(1, 2); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{"7", "meter-7", strings.Repeat("x", MaxRef)} {
		one, err := v.SealRef(1, id, ref)
		if err != nil || bytes.Contains(one, []byte("meter")) {
			t.Fatalf("%q, %v", one, err)
		}
		if twice, _ := v.SealRef(1, id, ref); !bytes.Equal(one, twice) {
			t.Errorf("%s is sealed otherwise the second time", ref)
		}
		if got, err := v.OpenRef(1, id, one); got != ref || err != nil {
			t.Errorf("%q opens as %q, %v", ref, got, err)
		}
		for other, err := range map[string]error{
			"account": second(v.OpenRef(2, id, one)), "payment": second(v.OpenRef(1, [16]byte{8}, one)),
			"cut": second(v.OpenRef(1, id, one[:len(one)-1])), "longer": second(v.OpenRef(1, id, append(one, 0))), "nothing": second(v.OpenRef(1, id, nil)),
		} {
			if !errors.Is(err, ErrRef) {
				t.Errorf("another %s: %v", other, err)
			}
		}
		if other, _ := v.SealRef(1, [16]byte{8}, ref); bytes.Equal(one[:refNonce], other[:refNonce]) {
			t.Error("two payments share a nonce")
		}
	}
	for _, ref := range []string{"", strings.Repeat("x", MaxRef+1)} {
		if _, err := v.SealRef(1, id, ref); !errors.Is(err, ErrRef) {
			t.Errorf("%q: %v", ref, err)
		}
	}
	sealed, _ := v.SealRef(1, id, "meter-7")
	if err := v.Forget(1); err != nil {
		t.Fatal(err)
	}
	if _, err := v.OpenRef(1, id, sealed); !errors.Is(err, ErrForgotten) {
		t.Error(err)
	}
}

func second(_ string, err error) error { return err }
