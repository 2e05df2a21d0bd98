package hostmod_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// What a guest may have no use for is refused before the engine makes something for each.
func TestBoundsOfWASI(t *testing.T) {
	const inval, badf, nametoolong = 28, 8, 37
	for _, c := range []struct {
		name, types string
		args        []uint64
		want        uint64
	}{
		{"fd_write", "iiii:i", []uint64{1, 0, 1024, 8}, 0},
		{"fd_write", "iiii:i", []uint64{1, 0, 1025, 8}, inval},
		{"fd_write", "iiii:i", []uint64{1, 0, 1 << 31, 8}, inval},
		{"fd_read", "iiii:i", []uint64{0, 0, 1 << 29, 8}, inval}, // which is 0 bytes in 32 bits
		{"fd_pread", "iiiji:i", []uint64{0, 0, 1025, 0, 8}, inval},
		{"fd_renumber", "ii:i", []uint64{5, 1<<31 - 1}, badf},
		{"fd_renumber", "ii:i", []uint64{5, 1<<32 - 1}, badf},
		{"poll_oneoff", "iiii:i", []uint64{0, 0, 1025, 8}, inval},
		{"poll_oneoff", "iiii:i", []uint64{0, 0, 89_478_486, 8}, inval}, // which is 32 bytes in 32 bits
		{"path_open", "iiiiijjii:i", []uint64{3, 0, 0, 4097, 0, 0, 0, 0, 8}, nametoolong},
		{"path_filestat_get", "iiiii:i", []uint64{3, 0, 0, 1 << 31, 8}, nametoolong},
		{"path_rename", "iiiiii:i", []uint64{3, 0, 1, 3, 0, 5000}, nametoolong},
		{"path_open", "iiiiijjii:i", []uint64{3, 0, 0, 4096, 0, 0, 0, 0, 8}, badf},
	} {
		g := start(t, &hostmod.Env{}, imported("wasi_snapshot_preview1", c.name, c.types))
		r, err := g.call("0", c.args...)
		require.NoError(t, err, c.name)
		require.Equal(t, []uint64{c.want}, r, "%s %v", c.name, c.args)
	}
}

// The host is told before bytes are moved, and after every function, by the context of the call.
func TestChargeAndLook(t *testing.T) {
	type key struct{}
	var charged []uint64
	looks := 0
	var env *hostmod.Env
	env = &hostmod.Env{
		Charge: func(ctx context.Context, n uint64) {
			charged = append(charged, n)
			require.Equal(t, 7, ctx.Value(key{}))
			require.Equal(t, ctx, env.Context())
		},
		Look: func(ctx context.Context) { looks++ },
	}
	g := start(t, env, imported("env", "memmove", "iii:i"), imported("env", "memset", "iii:i"), imported("wasi_snapshot_preview1", "sched_yield", ":i"))
	ctx := context.WithValue(context.Background(), key{}, 7)
	for i, args := range [][]uint64{{0, 8, 100}, {0, 8, 200}, nil} {
		_, err := g.inst.ExportedFunction([]string{"0", "1", "2"}[i]).Call(ctx, args...)
		require.NoError(t, err)
		require.Equal(t, i+1, looks)
	}
	require.Equal(t, []uint64{100, 200}, charged)
	require.Equal(t, context.Background(), env.Context())

	enough := errors.New("enough")
	env.Look = func(context.Context) { panic(enough) }
	_, err := g.call("2")
	require.ErrorIs(t, err, enough)
}
