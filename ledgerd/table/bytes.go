package table

import (
	"fmt"
	"hash/fnv"
	"reflect"
	"unsafe"
)

// This file is the only one that looks at items as bytes. What it looks at has
// been found to hold no pointers, and files carry the layout they were written
// with.

// bytesOf is the memory of items.
func bytesOf[T any](items []T) []byte {
	if len(items) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(items))), len(items)*sizeOf[T]())
}

func sizeOf[T any]() int {
	var item T
	return int(unsafe.Sizeof(item))
}

// layoutOf is one number for how items lie in memory: sizes, places and names of
// all fields, and the order of bytes.
func layoutOf[T any]() (uint64, error) {
	h := fnv.New64a()
	t := reflect.TypeFor[T]()
	if t.Size() == 0 {
		return 0, fmt.Errorf("%w: %s is empty", ErrPointers, t)
	}
	one := uint16(1)
	fmt.Fprintf(h, "%d;", *(*byte)(unsafe.Pointer(&one)))
	if err := describe(h, t); err != nil {
		return 0, err
	}
	return h.Sum64(), nil
}

func describe(h interface{ Write([]byte) (int, error) }, t reflect.Type) error {
	fmt.Fprintf(h, "%s,%d;", t.Kind(), t.Size())
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			fmt.Fprintf(h, "%s@%d:", f.Name, f.Offset)
			if err := describe(h, f.Type); err != nil {
				return fmt.Errorf("%w (in %s.%s)", err, t, f.Name)
			}
		}
	case reflect.Array:
		fmt.Fprintf(h, "%d*", t.Len())
		return describe(h, t.Elem())
	case reflect.Bool, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
	default: // also int and uint, which differ between machines
		return fmt.Errorf("%w: %s", ErrPointers, t)
	}
	return nil
}
