package linmem_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi/internal/linmem"
)

// small is what an ordinary instance starts with.
const small = 128 << 10

// BenchmarkLife is a memory of an instance from its birth to its end.
func BenchmarkLife(b *testing.B) {
	for _, touch := range []bool{false, true} {
		b.Run(fmt.Sprintf("touch=%v", touch), func(b *testing.B) {
			for b.Loop() {
				m, err := linmem.New(256 << 20)
				if err != nil {
					b.Fatal(err)
				}
				live(m.Grow(small), touch)
				m.Free()
				m.Unmap()
			}
		})
	}
}

func live(mem []byte, touch bool) {
	for i := 0; touch && i < len(mem); i += int(page) {
		mem[i] = 1
	}
}

// BenchmarkLifeLent is the same for memories that cannot be unmapped.
func BenchmarkLifeLent(b *testing.B) {
	for b.Loop() {
		m, err := linmem.New(256 << 20)
		if err != nil {
			b.Fatal(err)
		}
		live(m.Grow(small), true)
		m.Lend()
		m.Free()
		m.Unmap()
	}
}

// BenchmarkLifeOnTheHeap is what it replaces.
func BenchmarkLifeOnTheHeap(b *testing.B) {
	for b.Loop() {
		live(make([]byte, small, 256<<20), true)
	}
}

func BenchmarkReset(b *testing.B) {
	for _, size := range []uint64{small, 256 << 10, 512 << 10, 1 << 20, 64 << 20} {
		for _, dirty := range []int{1, 100} {
			b.Run(fmt.Sprintf("%dKiB/%d%%", size>>10, dirty), func(b *testing.B) {
				m := make1(b, 256<<20, size)
				for b.Loop() {
					mem := m.Grow(size)
					live(mem[:uint64(dirty)*size/100], true)
					m.Reset()
				}
			})
		}
	}
}

func BenchmarkLend(b *testing.B) {
	m := make1(b, small, small)
	for b.Loop() {
		m.Lend()
	}
}

// BenchmarkImage shows 64 MiB anew: by mapping it, and by dropping what was
// written, one page and 256.
func BenchmarkImage(b *testing.B) {
	const size = 64 << 20
	img, err := linmem.ImageOf(pattern(size), false)
	require.NoError(b, err)
	defer img.Close()
	for _, dirty := range []uint64{1, 256} {
		b.Run(fmt.Sprintf("map/%d", dirty), func(b *testing.B) {
			m := make1(b, size, size)
			for b.Loop() {
				require.NoError(b, m.MapImage(img, 0, 0, size, false))
				live(m.Bytes()[:dirty*page], true)
			}
		})
		b.Run(fmt.Sprintf("drop/%d", dirty), func(b *testing.B) {
			m := make1(b, size, size)
			require.NoError(b, m.MapImage(img, 0, 0, size, false))
			for b.Loop() {
				if m.DropPages(0, size) != nil {
					b.Skip("not here")
				}
				live(m.Bytes()[:dirty*page], true)
			}
		})
	}
}

// BenchmarkCopy is what an image of a small memory competes with.
func BenchmarkCopy(b *testing.B) {
	for _, size := range []uint64{small, 64 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			m := make1(b, size, size)
			from := pattern(size)
			b.SetBytes(int64(size))
			for b.Loop() {
				copy(m.Bytes(), from)
			}
		})
	}
}

// BenchmarkTouch is the first touch of a whole memory, which is where huge pages
// pay.
func BenchmarkTouch(b *testing.B) {
	for _, size := range []uint64{2 << 20, 4 << 20, 8 << 20, 16 << 20, 64 << 20} {
		b.Run(fmt.Sprintf("%dMiB", size>>20), func(b *testing.B) {
			b.SetBytes(int64(size))
			for b.Loop() {
				m, err := linmem.New(256 << 20)
				if err != nil {
					b.Fatal(err)
				}
				live(m.Grow(size), true)
				m.Unmap()
			}
		})
	}
}
