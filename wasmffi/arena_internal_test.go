package wasmffi

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/memview"
)

// The arena against a map of single grains, which is obviously right: nothing is given
// twice, all of it comes back as one range.
func TestArena(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		var a arena
		const lo, hi = 5 * pageSize, 9 * pageSize
		a.add(extent{lo, pageSize})
		a.add(extent{lo + 2*pageSize, 2 * pageSize})
		a.add(extent{lo + pageSize, pageSize})
		require.Equal(t, []extent{{lo, hi - lo}}, a.free)
		taken := map[uint64]memview.Ptr{} // grain → block
		sizes := map[memview.Ptr]uint64{}
		for range 400 {
			if r.IntN(3) == 0 && len(sizes) > 0 {
				for p, n := range sizes {
					require.True(t, a.give(p))
					require.False(t, a.give(p))
					for g := uint64(p); g < uint64(p)+n; g += arenaGrain {
						delete(taken, g)
					}
					delete(sizes, p)
					break
				}
				continue
			}
			n, align := uint64(r.IntN(9000)), uint64(16)<<r.IntN(9)
			p, ok := a.take(n, align)
			if !ok {
				continue
			}
			require.Zero(t, uint64(p)%align)
			require.GreaterOrEqual(t, uint64(p), uint64(lo))
			require.LessOrEqual(t, uint64(p)+n, uint64(hi))
			sizes[p] = (max(n, 1) + arenaGrain - 1) &^ (arenaGrain - 1)
			for g := uint64(p); g < uint64(p)+sizes[p]; g += arenaGrain {
				if other, ok := taken[g]; ok {
					t.Fatalf("%#x was given in %#x and in %#x", g, other, p)
				}
				taken[g] = p
			}
		}
		require.False(t, a.give(1))
		for p := range sizes {
			require.True(t, a.give(p))
		}
		require.Equal(t, []extent{{lo, hi - lo}}, a.free)
	}
}
