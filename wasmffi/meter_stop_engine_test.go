package wasmffi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"

	"github.com/wasmffi/go/loader/wasmbin"
)

// Parts of bodies of type () -> ().
const (
	forever = "\x03\x40" // loop
	again   = "\x0c\x00\x0b"
	grown   = "\x41\xff\x07\x40\x00\x1a" // memory.grow by 1,023 pages; drop
)

// sqrts is about n instructions without a branch, divisions and roots, from a number in memory to the next.
func sqrts(n int) string {
	return "\x41\x00\x41\x00\x2b\x03\x00" + strings.Repeat("\x44\x00\x00\x00\x00\x00\x00\x08\x40\xa3\x9f", n/3) + "\x39\x03\x00"
}

// branches is a br_table out of n blocks, by the local 0, which goes on to another number each time.
func branches(n int) string {
	var table strings.Builder
	table.WriteString("\x20\x00\x0e" + string(appendVarint(nil, n)))
	for i := range n + 1 {
		table.WriteString(string(appendVarint(nil, min(i, n-1))))
	}
	next := "\x20\x00\x41\x05\x6c\x41\x01\x6a\x41\x3f\x71\x21\x00" // local 0 = (local 0 * 5 + 1) & 63
	return strings.Repeat("\x02\x40", n) + table.String() + "\x0b" + strings.Repeat(next+"\x0b", n-1) + next
}

func appendVarint(b []byte, v int) []byte {
	for ; v >= 0x80; v >>= 7 {
		b = append(b, byte(v)|0x80)
	}
	return append(b, byte(v))
}

// endless are bodies that do not end, locals included.
func endless() map[string]string {
	return map[string]string{
		"empty loop":              "\x00" + forever + again + "\x0b",
		"body of 200":             "\x00" + forever + sqrts(200) + again + "\x0b",
		"body of 20,000":          "\x00" + forever + sqrts(20_000) + again + "\x0b",
		"br_table":                "\x01\x01\x7f" + forever + branches(64) + again + "\x0b",
		"memory.fill":             "\x00" + grown + forever + "\x41\x00\x41\x01\x41\x80\x80\x80\x20\xfc\x0b\x00" + again + "\x0b",
		"memory.copy, forwards":   "\x00" + grown + forever + "\x41\x00\x41\x01\x41\xff\xff\xff\x1f\xfc\x0a\x00\x00" + again + "\x0b",
		"memory.copy, backwards":  "\x00" + grown + forever + "\x41\x01\x41\x00\x41\xff\xff\xff\x1f\xfc\x0a\x00\x00" + again + "\x0b",
		"calls without loops":     "\x00" + strings.Repeat("\x10\x01", 4) + "\x0b",
		"tail calls":              "\x00" + "\x12\x00\x0b",
		"endless recursion":       "\x00" + "\x10\x00\x10\x00\x0b",
		"recursion between loops": "\x01\x01\x7f" + forever + "\x20\x00\x41\x01\x6a\x22\x00\x41\x80\x20\x48\x0d\x00\x0b\x10\x00\x10\x00\x0b",
		"wait":                    "\x00" + "\x41\x00\x41\x00\x42\x7f\xfe\x01\x02\x00\x1a\x0b",
	}
}

// callTree is a chain of functions of which each calls the next four times: 4**30 calls and no loop.
func callTree(tb testing.TB, m *wasmbin.Module, typ uint32) {
	tb.Helper()
	for k := range 30 {
		next := string(appendVarint(nil, min(k+2, 30)))
		body := "\x00" + strings.Repeat("\x10"+next, 4) + "\x0b"
		if k == 29 {
			body = "\x00\x0b"
		}
		_, err := m.AppendFunction(typ, []byte(body))
		require.NoError(tb, err)
	}
}

// TestMeterStopEngine lets two guests spin at a time, and stops both.
func TestMeterStopEngine(t *testing.T) {
	config := wazero.NewRuntimeConfigCompiler().WithCoreFeatures(everyFeature)
	for name, body := range endless() {
		t.Run(name, func(t *testing.T) {
			m, err := wasmbin.Decode([]byte("\x00asm\x01\x00\x00\x00\x05\x05\x01\x03\x01\x80\x08")) // shared memory, 1 to 1,024 pages
			require.NoError(t, err)
			typ := m.AppendType(wasmbin.FuncType{})
			f, err := m.AppendFunction(typ, []byte(body))
			require.NoError(t, err)
			callTree(t, m, typ)
			_, err = m.AppendExport(wasmbin.Export{Name: "f", Kind: wasmbin.KindFunc, Index: f})
			require.NoError(t, err)

			var hosts [2]*meterHost
			late := make(chan time.Duration)
			for i := range hosts {
				h := newMeterHost(t, config)
				hosts[i] = h
				guest, err := h.instantiate(m.Encode(), "")
				require.NoError(t, err)
				go func() {
					h.until = time.Now().Add(30 * time.Millisecond)
					_, err := guest.ExportedFunction("f").Call(bg)
					passed := time.Since(h.until)
					if err == nil || name != "endless recursion" && !strings.Contains(err.Error(), errStopped.Error()) {
						t.Errorf("got %v, want %v", err, errStopped)
					}
					late <- passed
				}()
			}
			one, two := <-late, <-late
			t.Logf("stopped %v and %v after the deadline; %d and %d refills", one, two, hosts[0].polls, hosts[1].polls)
			require.Less(t, max(one, two), 5*time.Second, "other tests may run, too")
		})
	}
}
