package pin

import "testing"

func TestEasy(t *testing.T) {
	for typed, want := range map[string]bool{
		"1111": true, "0000": true, "999999": true, "1212": true, "123123": true, // repeated
		"1234": true, "4321": true, "7890": true, "0987": true, "345678": true, // runs
		"1987": true, "2019": true, "1936": false, "2030": false, // years
		"2580": true, "4826": false, "7391": false, "12345": true, "73912": false, "739128": false,
		"0001": true, "000001": false, // the end of 254722000001; six of it would be 000001
	} {
		p, err := Parse(typed)
		if err != nil {
			t.Fatal(err)
		}
		number := "254722000001"
		if typed == "000001" {
			number = "254733123456"
		}
		if got := Easy(p, number); got != want {
			t.Errorf("a PIN of %d digits: easy %v", len(typed), got)
		}
	}
	if !Easy(PIN{}, "") {
		t.Error("no PIN is not easy")
	}
}
