package pb

import (
	"bytes"
	"testing"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// TestCodecSaysWhatProtobufSays: a frame of any length has the bytes that any other
// end would write and read.
func TestCodecSaysWhatProtobufSays(t *testing.T) {
	c := NewCodec()
	for _, n := range []int{0, 1, 127, 128, 1000, 1 << 15, 5 << 20} {
		f := &Frame{Records: bytes.Repeat([]byte{0xa5}, n)}
		data, err := c.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := proto.Marshal(f)
		if !bytes.Equal(data.Materialize(), want) {
			t.Errorf("%d bytes of records are packed otherwise", n)
		}
		var got Frame
		if err := c.Unmarshal(cut(want), &got); err != nil || !bytes.Equal(got.Records, f.Records) {
			t.Errorf("%d bytes of records do not come back: %v", n, err)
		}
		got.Trim()
		if kept := cap(got.Records) > 0; kept != (n > 0 && n <= keptRoom) {
			t.Errorf("room for %d bytes of records is kept: %v", n, kept)
		}
		if err := c.Unmarshal(cut(want), &got); err != nil || !bytes.Equal(got.Records, f.Records) {
			t.Errorf("%d bytes of records do not come back into a frame that has been used: %v", n, err)
		}
		if n > 1 {
			at := &got.Records[0]
			if err := c.Unmarshal(cut([]byte{recordsTag, 1, 7}), &got); err != nil || &got.Records[0] != at {
				t.Errorf("the room of %d bytes is not used again: %v", n, err)
			}
		}
		data.Free()
	}
}

// cut is a message as it arrives: in pieces.
func cut(b []byte) (s mem.BufferSlice) {
	for ; len(b) > 7; b = b[7:] {
		s = append(s, mem.SliceBuffer(b[:7:7]))
	}
	return append(s, mem.SliceBuffer(b))
}

// TestCodecLeavesTheRest: what is no plain frame is read as Protocol Buffers say, or
// refused as they do.
func TestCodecLeavesTheRest(t *testing.T) {
	c := NewCodec()
	twice := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), []byte("first"))
	twice = protowire.AppendBytes(protowire.AppendTag(twice, 1, protowire.BytesType), []byte("last"))
	var f Frame
	if err := c.Unmarshal(cut(twice), &f); err != nil || string(f.Records) != "last" {
		t.Errorf("a field said twice: %q, %v", f.Records, err)
	}
	for _, bad := range [][]byte{{0x0a}, {0x0a, 5, 1}, {0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, {0xff}} {
		if err := c.Unmarshal(cut(bad), new(Frame)); err == nil {
			t.Errorf("%x was read", bad)
		}
	}
	req := &NoticesRequest{Consumer: "sms", ToLane: 7}
	data, err := c.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	var got NoticesRequest
	if err := c.Unmarshal(data, &got); err != nil || !proto.Equal(&got, req) {
		t.Errorf("another message: %v, %v", &got, err)
	}
}
