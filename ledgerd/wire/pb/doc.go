// Package pb is the gRPC face of the ledger, generated from ledger.proto by
// protoc with protoc-gen-go and protoc-gen-go-grpc, and the codec for its frames.
package pb

//go:generate protoc --go_out=. --go_opt=paths=source_relative --go-grpc_out=. --go-grpc_opt=paths=source_relative ledger.proto
