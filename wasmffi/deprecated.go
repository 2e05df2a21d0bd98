package wasmffi

import "context"

// CtypesLoadLibrary is LoadLibrary under the name that numpy removed in 1.20.
//
// Deprecated: use [LoadLibrary].
func CtypesLoadLibrary(ctx context.Context, name, path string, o *Options) (*Library, error) {
	return LoadLibrary(ctx, name, path, o)
}
