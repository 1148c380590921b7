package pb

import (
	"encoding/binary"

	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // whose codec packs everything else
	"google.golang.org/grpc/mem"
)

// Sizes of a frame on the wire.
const (
	recordsTag = 1<<3 | 2 // field 1, bytes: Protocol Buffers, Encoding, "Message Structure"
	headMost   = 1 + binary.MaxVarintLen64

	keptRoom = 128 << 10 // bytes of a frame's room that is used again: more than nearly every frame has

	poolLeast = 8  // log2 of the bytes of the smallest room that is used again
	poolMost  = 22 // and of the largest
)

// codec packs frames, which are nearly all that travels, without looking at how
// they are made up; the bytes are Protocol Buffers' own. gRPC's codec would take
// and clear a megabyte for each frame above 32 KiB.
type codec struct {
	encoding.CodecV2
	pool mem.BufferPool
}

// NewCodec makes the codec that both ends of a ledger's connection use.
func NewCodec() encoding.CodecV2 {
	var sizes []uint8
	for n := uint8(poolLeast); n <= poolMost; n++ {
		sizes = append(sizes, n)
	}
	pool, _ := mem.NewBinaryTieredBufferPool(sizes...) // fails on sizes that no machine has
	return &codec{encoding.GetCodecV2("proto"), pool}
}

// Marshal packs a message; the caller may change a frame's records afterwards.
func (c *codec) Marshal(v any) (mem.BufferSlice, error) {
	f, ok := v.(*Frame)
	if !ok || len(f.Records) == 0 || len(f.unknownFields) > 0 {
		return c.CodecV2.Marshal(v)
	}
	room := c.pool.Get(headMost + len(f.Records))
	b := binary.AppendUvarint(append((*room)[:0], recordsTag), uint64(len(f.Records)))
	*room = append(b, f.Records...)
	return mem.BufferSlice{mem.NewBuffer(room, c.pool)}, nil
}

// Unmarshal unpacks a message. What is not exactly one field of records is left to
// Protocol Buffers. A frame's records are written where the frame has room for them: who
// gives RecvMsg the same frame again has read what was in it.
func (c *codec) Unmarshal(data mem.BufferSlice, v any) error {
	f, ok := v.(*Frame)
	if !ok || len(data) == 0 || len(f.unknownFields) > 0 {
		return c.CodecV2.Unmarshal(data, v)
	}
	first := data[0].ReadOnlyData()
	size, n := head(first)
	if n == 0 || size != uint64(data.Len()-n) {
		return c.CodecV2.Unmarshal(data, v)
	}
	room := f.Records[:0]
	if cap(room) < int(size) {
		room = make([]byte, 0, size)
	}
	room = append(room, first[n:]...)
	for _, rest := range data[1:] {
		room = append(room, rest.ReadOnlyData()...)
	}
	f.Records = room
	return nil
}

// Trim keeps a frame's room for the next one, unless it is a rare large one: a stream may
// be silent for long.
func (x *Frame) Trim() {
	if cap(x.Records) > keptRoom {
		x.Records = nil
	}
}

// head reads a frame's beginning: how many bytes of records follow after n bytes. n is
// zero where the first piece of a message does not begin with the whole of that.
func head(b []byte) (size uint64, n int) {
	if len(b) == 0 || b[0] != recordsTag {
		return 0, 0
	}
	size, n = binary.Uvarint(b[1:])
	if n <= 0 {
		return 0, 0
	}
	return size, 1 + n
}
