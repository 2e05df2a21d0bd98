package wasmffi_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader"
	attacks "github.com/wasmffi/go/testdata/wasm/hostile"
	"github.com/wasmffi/go/wasmffi"
)

// Opcodes that only a few tests want.
const (
	opBlock, opBrIf, opSub = 0x02, 0x0d, 0x6b

	bombTime = time.Second // to refuse one, by a slow machine
)

// Small modules that take an engine seconds or gigabytes to compile are refused before it sees them.
func TestBombs(t *testing.T) {
	alone(t, hostileSpace, func(t *testing.T) {
		var s tally
		o := hostile(wasmffi.NewCache(0))
		for _, g := range attacks.Guests() {
			if !strings.HasPrefix(g.Name, "bomb_") {
				continue
			}
			begin := time.Now()
			_, err := wasmffi.Compile(bg, g.Wasm, o)
			took := time.Since(begin)
			fmt.Fprintf(os.Stderr, "%s, %d bytes: %v, %.120v\n", g.Name, len(g.Wasm), took.Round(time.Millisecond), err)
			kind, text := loader.ErrRefused, "want at most"
			if strings.HasPrefix(g.Name, "bomb_invokers") {
				kind, text = wasmffi.ErrImport, "invoke_*"
			}
			require.ErrorIs(t, err, kind, g.Name)
			require.ErrorContains(t, err, text, g.Name)
			if !raced {
				require.Less(t, took, bombTime, g.Name)
			}
			s.add(false, err)
		}
		require.Equal(t, 10, s.refused)
		s.resident(t)
	})
}
