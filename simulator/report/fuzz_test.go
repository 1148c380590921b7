package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"
)

// FuzzPage reads any file as a report: it is refused, or it has a page within bounds and
// can be compared with itself.
func FuzzPage(f *testing.F) {
	small := sample(1, 12)
	small.Capacity = &Capacity{LastGood: 3, Steps: []CapacityStep{{Offered: 3, Committed: 2, P99MS: 1, Good: true}, {Offered: 1e300}}}
	b, err := json.Marshal(small)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(bytes.Replace(b, []byte("screen_p99_ms"), []byte("screen_p98_ms"), 1)) // a figure that no second has
	f.Add([]byte(`{"schema":1,"verdict":"pass","series":{"slice_ms":9223372036854775807,"offered":[1,2,3],"screen_p99_ms":[1e308,null,-5]}}`))
	f.Add([]byte(`{"schema":1,"verdict":"oracle","faults":[{"from_ms":-9223372036854775808}],"by_screen":[{"p50_ms":null,"max_ms":1e308}],"funnels":[{"steps":[{"reached":-5,"left":9}]}]}`))
	f.Add([]byte(`{"schema":1,"verdict":"pass","series":{"slice_ms":9000000000000000,"offered":[1,2],"alive":[5e-324,1e-300]}}`))
	f.Add([]byte(`{"schema":1,"verdict":"gates","gates":[{"expr":"","held":false}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Parse("fuzzed", b)
		if err != nil {
			return
		}
		var page bytes.Buffer
		if err := r.HTML(&page); err != nil && !errors.Is(err, ErrTooLarge) {
			t.Fatal(err)
		}
		if page.Len() > MaxPage {
			t.Fatalf("%d bytes", page.Len())
		}
		c := Compare(r, r, 0)
		if c.Regressed() && len(c.Broken) == 0 {
			t.Fatalf("worse than itself: %+v", c.Figures)
		}
		if err := errors.Join(c.Text(io.Discard), c.HTML(io.Discard)); err != nil {
			t.Fatal(err)
		}
	})
}
