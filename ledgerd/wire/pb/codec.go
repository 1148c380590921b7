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
// Protocol Buffers.
func (c *codec) Unmarshal(data mem.BufferSlice, v any) error {
	f, ok := v.(*Frame)
	if !ok || data.Len() == 0 {
		return c.CodecV2.Unmarshal(data, v)
	}
	b := data.Materialize()
	n, size := binary.Uvarint(b[1:])
	if b[0] != recordsTag || size <= 0 || n != uint64(len(b)-1-size) {
		return c.CodecV2.Unmarshal(data, v)
	}
	f.Records = b[1+size:]
	return nil
}
