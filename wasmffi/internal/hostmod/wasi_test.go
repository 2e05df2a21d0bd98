package hostmod_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// What WASI functions answer whose types or numbers are not the standard's: 70 is ESPIPE, 8 EBADF, 54
// ENOTDIR, 52 ENOSYS, 28 EINVAL, 21 EFAULT.
func TestWASI(t *testing.T) {
	const old, wasi = "wasi_unstable", "wasi_snapshot_preview1"
	for _, c := range []struct {
		module, name, types string
		args                []uint64
		want                uint64
	}{
		{wasi, "fd_seek", "iiiii:i", []uint64{0, 0, 0, 0, 0}, 70},
		{wasi, "fd_seek", "iiiii:i", []uint64{2, 0, 0, 0, 1<<32 - 1}, 70},
		{wasi, "fd_seek", "iiiii:i", []uint64{3, 0, 0, 0, 0}, 8},
		{wasi, "fd_seek", "iiiii:i", []uint64{1<<32 - 1, 0, 0, 0, 0}, 8},
		{wasi, "fd_pread", "iiiiii:i", []uint64{0, 0, 0, 0, 0, 0}, 70},
		{wasi, "fd_pwrite", "iiiiii:i", []uint64{9, 0, 0, 0, 0, 0}, 8},
		{wasi, "fd_advise", "iiiiii:i", []uint64{1, 0, 0, 0, 0, 0}, 70},
		{wasi, "fd_allocate", "iiiii:i", []uint64{1, 0, 0, 0, 0}, 70},
		{wasi, "fd_readdir", "iiiiii:i", []uint64{1, 0, 0, 0, 0, 0}, 54},
		{wasi, "fd_filestat_set_size", "iii:i", []uint64{1, 0, 0}, 28},
		{wasi, "path_open", "iiiiiiiiiii:i", make([]uint64, 11), 54},
		{wasi, "path_open", "iiiiiiiiiii:i", append([]uint64{3}, make([]uint64, 10)...), 8},
		{old, "fd_seek", "ijii:i", []uint64{1, 0, 0, 0}, 70},
		{old, "fd_seek", "ijii:i", []uint64{4, 0, 0, 0}, 8},
		{old, "path_filestat_get", "iiiii:i", []uint64{3, 0, 0, 0, 0}, 8},
		{old, "fd_filestat_get", "ii:i", []uint64{1, 65536 - 55}, 21},
		{old, "fd_filestat_get", "ii:i", []uint64{3, 0}, 8},
		{wasi, "clock_time_get", "iiii:i", []uint64{0, 0, 0, 65529}, 21},
		{wasi, "clock_time_get", "iiii:i", []uint64{0, 0, 0, 1<<32 - 4}, 21},
		{wasi, "clock_time_get", "iiii:i", []uint64{7, 0, 0, 0}, 28},
	} {
		g := start(t, &hostmod.Env{}, imported(c.module, c.name, c.types))
		require.Equal(t, c.want, g.result(c.args...), "%s%v", c.name, c.args)
	}
}

func TestClockTimeGetInHalves(t *testing.T) {
	env := &hostmod.Env{Walltime: func() (int64, int32) { return 1<<33 + 1, 7 }, Nanotime: func() int64 { return 1<<40 + 9 }}
	g := start(t, env, imported("wasi_snapshot_preview1", "clock_time_get", "iiii:i"))
	for id, want := range []uint64{(1<<33+1)*1e9 + 7, 1<<40 + 9} {
		require.Zero(t, g.result(uint64(id), 1, 2, 65528))
		require.Equal(t, want, binary.LittleEndian.Uint64([]byte(g.get(65528, 8))))
	}
}

// The fake clocks are those of the engine: both answer the same.
func TestFakeClocksAreTheEngines(t *testing.T) {
	g := start(t, &hostmod.Env{}, imported("wasi_snapshot_preview1", "clock_time_get", "iiii:i"), imported("wasi_snapshot_preview1", "clock_time_get", "iji:i"))
	for id := range uint64(2) {
		for range 3 {
			require.Zero(t, g.result(id, 0, 0, 8))
			r, err := g.call("1", id, 0, 16)
			require.NoError(t, err)
			require.Zero(t, r[0])
			require.Equal(t, g.get(16, 8), g.get(8, 8))
		}
	}
}

func TestFilestatUnstable(t *testing.T) {
	g := start(t, &hostmod.Env{}, imported("wasi_unstable", "fd_filestat_get", "ii:i"))
	g.put(0, string(make([]byte, 64)))
	g.put(56, "x")
	require.Zero(t, g.result(2, 0))
	want := make([]byte, 57)
	want[16], want[20], want[56] = 2, 1, 'x'
	require.Equal(t, string(want), g.get(0, 57))
}
