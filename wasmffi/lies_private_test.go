package wasmffi_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi"
)

// privateBases begin the names of what the host adds to a module.
var privateBases = []string{"wasmffi.meter", "wasmffi.table", "wasmffi.global", "wasmffi.shadow", "wasmffi.start", "wasmffi.call", "wasmffi.refill"}

// privateNames are names that the host may have given, whatever the guest exports.
func privateNames() (list []string) {
	for _, base := range privateBases {
		for n := range 4 {
			for _, end := range []string{"", ".fuel", ".poll", ".0", ".1", ".2", ".save", ".restore", "0", "1"} {
				list = append(list, base+strings.Repeat("_", n)+end)
			}
		}
	}
	return list
}

// poking is a guest with a loop that never ends, a table that it writes to, a start function, globals of its own, and what it exports besides.
func poking(more func(*made)) []byte {
	var m made
	m.pages(1)
	m.globals = append(m.globals, cat(i64, 1, 0x42, 1, opEnd), cat(i32, 1, constant(7), opEnd))
	m.tables = append(m.tables, cat(funcref, 0, leb(3)))
	nop := m.fn("nop", "", "")
	m.fn("spin", "", "", opLoop, opEmpty, 0x42, sleb(1<<60), opGlobalSet, 0, opBr, 0, opEnd)
	m.fn("put", "i", "", opLocalGet, 0, 0xd2, leb(nop), 0x26, 0) // table.set
	m.fn("fill", "", "", constant(0), constant(0), constant(1000), 0xfc, 11, 0)
	m.start = leb(nop)
	m.elems = append(m.elems, cat(0, constant(0), opEnd, leb(1), leb(nop)))
	if more != nil {
		more(&m)
	}
	return m.bytes()
}

// Whatever a guest exports under the names that the host gives, its own exports are hidden, and the guest is stopped.
func TestPrivateExports(t *testing.T) {
	for name, more := range map[string]func(*made){
		"none": nil,
		"globals": func(m *made) {
			for _, n := range privateNames() {
				m.export(n, kindGlobal, 0)
			}
		},
		"tables": func(m *made) {
			for _, n := range privateNames() {
				m.export(n, kindTable, 0)
			}
		},
		"functions": func(m *made) {
			for _, n := range privateNames() {
				m.export(n, kindFunc, 0)
			}
		},
		"fuel alone": func(m *made) { m.export("wasmffi.meter.fuel", kindGlobal, 0) },
		"poll alone": func(m *made) { m.export("wasmffi.meter.poll", kindTable, 0) },
		"other type": func(m *made) { m.export("wasmffi.meter.fuel", kindGlobal, 1) },
		"underscores": func(m *made) {
			m.export("wasmffi.meter", kindGlobal, 0)
			m.export("wasmffi.meter_.fuel", kindGlobal, 0)
		},
		"memory":       func(m *made) { m.export("wasmffi.meter.fuel", kindMemory, 0) },
		"long":         func(m *made) { m.export("wasmffi.meter"+strings.Repeat("_", 10_000), kindGlobal, 0) },
		"other module": func(m *made) { m.export("wasmffi.refill", kindFunc, 0); m.export("refill", kindFunc, 0) },
	} {
		code := poking(more)
		m := compile(t, code, wasmffi.Options{})
		lib := instance(t, m)
		own := map[string]bool{}
		for _, x := range m.Exports() {
			own[x.Name] = true
		}
		for _, n := range privateNames() {
			if name == "functions" {
				require.True(t, own[n], n)
				_, err := bind(t, lib, fmt.Sprintf("%q()", n)).Call(bg)
				require.NoError(t, err, n)
			} else if own[n] {
				require.Contains(t, []string{"other module"}, name, n)
				continue
			}
			_, err := lib.Symbol(n)
			require.ErrorIs(t, err, wasmffi.ErrNotFound, n)
			if name != "functions" {
				_, err = lib.Func(fmt.Sprintf("%q()", n))
				require.ErrorIs(t, err, wasmffi.ErrNotFound, "%s: %s", name, n)
			}
		}
		call(t, bind(t, lib, "put(i: i32)"), 1)
		call(t, bind(t, lib, "fill()"))
		spin := bind(t, lib, "spin()")
		limited, err := spin.WithLimits(wasmffi.CallLimits{Fuel: 100_000})
		require.NoError(t, err)
		_, err = limited.Call(bg)
		require.ErrorIs(t, err, wasmffi.ErrFuel, name)
		require.NoError(t, lib.Reset(bg, nil))
		ctx, cancel := context.WithTimeout(bg, 20*time.Millisecond)
		begin := time.Now()
		_, err = spin.Call(ctx)
		cancel()
		require.ErrorIs(t, err, wasmffi.ErrStopped, name)
		require.Less(t, time.Since(begin), 5*time.Second, name)
		require.NoError(t, lib.Reset(bg, nil))
		call(t, bind(t, lib, "nop()"))
	}
}

// Symbol says of the host's own exports what it says of names that nobody has: nothing.
func TestSymbolOfPrivateExport(t *testing.T) {
	lib := instance(t, compile(t, poking(nil), wasmffi.Options{}))
	for _, n := range privateNames() {
		_, err := lib.Symbol(n)
		require.ErrorIs(t, err, wasmffi.ErrNotFound)
		require.NotContains(t, err.Error(), "is global", "it is there, and hidden")
	}
}
