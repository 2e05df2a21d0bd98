package wasmffi_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi"
)

// bombs are small modules of one function each that take an engine seconds or gigabytes to compile.
var bombs = []struct {
	name string
	n    int
	body func(n int) (locals, code []byte)
}{
	{"nest", 20_000, func(n int) (_, _ []byte) {
		return cat(0), append(bytes.Repeat(cat(opBlock, opEmpty), n), bytes.Repeat(cat(opEnd), n)...)
	}},
	{"nest", 500_000, func(n int) (_, _ []byte) {
		return cat(0), append(bytes.Repeat(cat(opBlock, opEmpty), n), bytes.Repeat(cat(opEnd), n)...)
	}},
	{"nestloop", 20_000, func(n int) (_, _ []byte) {
		return cat(0), append(bytes.Repeat(cat(opLoop, opEmpty), n), bytes.Repeat(cat(opEnd), n)...)
	}},
	{"locloop", 4_000, func(n int) (_, _ []byte) {
		var code []byte
		for i := range n {
			l := leb(i % 49_999)
			code = append(code, cat(opLoop, opEmpty, opLocalGet, l, constant(1), opSub, opLocalTee, l, opBrIf, 0, opEnd)...)
		}
		return cat(1, leb(49_999), i32), code
	}},
	{"locloop within the locals", 30_000, func(n int) (_, _ []byte) {
		var code []byte
		for i := range n {
			l := leb(i % 1_999)
			code = append(code, cat(opLoop, opEmpty, opLocalGet, l, constant(1), opSub, opLocalTee, l, opBrIf, 0, opEnd)...)
		}
		return cat(1, leb(1_999), i32), code
	}},
	{"brtable", 100_000, func(n int) (_, _ []byte) {
		return cat(0), bytes.Repeat(cat(opBlock, opEmpty, constant(0), opBrTable, leb(n), make([]byte, n+1), opEnd), 20)
	}},
	{"stack", 500_000, func(n int) (_, _ []byte) {
		return cat(1, 1, i32), append(bytes.Repeat(cat(opLocalGet, 0, constant(3), opMul), n), bytes.Repeat(cat(opDrop), n)...)
	}},
	{"live", 20_000, func(n int) (_, _ []byte) {
		code := cat(opLoop, opEmpty)
		for i := range n {
			code = append(code, cat(opLocalGet, leb((i+1)%n), constant(1), opAdd, opLocalSet, leb(i))...)
			if i%10 == 0 {
				code = append(code, cat(opBlock, opEmpty, opLocalGet, 0, opBrIf, 0, opEnd)...)
			}
		}
		return cat(1, leb(n), i32), append(code, cat(opLocalGet, 0, opBrIf, 0, opEnd)...)
	}},
}

// Opcodes that bombs are made of.
const (
	opBlock, opBrIf, opBrTable, opLocalTee, opSub, opMul = 0x02, 0x0d, 0x0e, 0x22, 0x6b, 0x6c

	bombTime = time.Second // to refuse one, by a slow machine
)

func bomb(locals, instructions []byte) []byte {
	body := cat(locals, instructions, opEnd)
	m := made{funcs: [][]byte{leb(0)}, bodies: [][]byte{cat(leb(len(body)), body)}}
	m.typ("", "")
	return m.bytes()
}

// All of them are refused before the engine sees them.
func TestBombs(t *testing.T) {
	alone(t, hostileSpace, func(t *testing.T) {
		var s tally
		o := hostile(wasmffi.NewCache(0))
		for _, b := range bombs {
			code := bomb(b.body(b.n))
			begin := time.Now()
			_, err := wasmffi.Compile(bg, code, o)
			took := time.Since(begin)
			fmt.Fprintf(os.Stderr, "%s of %d, %d bytes: %v, %.120v\n", b.name, b.n, len(code), took.Round(time.Millisecond), err)
			require.ErrorContains(t, err, "want at most", b.name)
			if !raced {
				require.Less(t, took, bombTime, b.name)
			}
			s.add(false, err)
		}
		for _, funcs := range []int{0, 100_000} {
			code := invokers(9_000, funcs)
			begin := time.Now()
			_, err := wasmffi.Compile(bg, code, o)
			require.ErrorContains(t, err, "invoke_*")
			if !raced {
				require.Less(t, time.Since(begin), bombTime)
			}
		}
		s.resident(t)
	})
}

// invokers is a module that imports so many functions of different types which call through its table, and has
// so many functions, with each of which the engine may compare them.
func invokers(n, funcs int) []byte {
	var m made
	for i := range n {
		params := []byte("i")
		for k := i; k > 0; k /= 4 {
			params = append(params, "ijfd"[k%4])
		}
		m.imp("env", "invoke_v", string(params), "")
	}
	typ := m.typ("", "")
	for range funcs {
		m.funcs, m.bodies = append(m.funcs, leb(typ)), append(m.bodies, code())
	}
	m.tables = append(m.tables, cat(funcref, 0, 1))
	return m.bytes()
}
