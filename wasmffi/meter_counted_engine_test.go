package wasmffi_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/wasmffi/go/loader/wasmbin"
)

// countedLoop is a function (i i32, n i32) -> (h i64) with a loop in which i changes by a step and is compared with n, or a
// constant. h tells the turns.
type countedLoop struct {
	front    bool // the test is in front of the turn
	form     int  // how it is written
	step     int32
	cmp      byte // that goes on, behind; that leaves, in front
	constant bool
	n        int32
	extra    int // what else is in the body
}

// Comparisons, by opcode.
const (
	i32Eqz, i32Eq, i32Ne                   = 0x45, 0x46, 0x47
	i32LtS, i32LtU, i32GtS, i32GtU         = 0x48, 0x49, 0x4a, 0x4b
	i32LeS, i32LeU, i32GeS, i32GeU         = 0x4c, 0x4d, 0x4e, 0x4f
	opI64Mul, opI64Add, opI64ExtendU, opIf = 0x7e, 0x7c, 0xad, 0x04
	opLocalTee                             = 0x22
)

var (
	behind  = []byte{i32Ne, i32LtS, i32LtU, i32GtS, i32GtU, i32Eq, i32LeS, i32GeU}
	inFront = []byte{i32Eq, i32GeS, i32GeU, i32LeS, i32LeU, i32Ne, i32LtS, i32GtU}
	mirror  = map[byte]byte{i32Eq: i32Eq, i32Ne: i32Ne, i32LtS: i32GtS, i32LtU: i32GtU, i32GtS: i32LtS, i32GtU: i32LtU, i32LeS: i32GeS, i32LeU: i32GeU, i32GeS: i32LeS, i32GeU: i32LeU}
)

func (c countedLoop) bound() []byte {
	if c.constant {
		return constant(int64(c.n))
	}
	return cat(opLocalGet, 1)
}

// body is the code.
func (c countedLoop) body() string {
	const i = 0
	hash := func(x byte) []byte {
		return cat(opLocalGet, 2, 0x42, 31, opI64Mul, opLocalGet, x, opI64ExtendU, opI64Add, opLocalSet, 2)
	}
	turn := hash(i)
	switch c.extra {
	case 1: // a branch inside
		turn = append(turn, cat(opBlock, opEmpty, opLocalGet, i, constant(1), 0x71, opBrIf, 0, hash(1), opEnd)...)
	case 2: // two arms
		turn = append(turn, cat(opLocalGet, i, constant(2), 0x71, opIf, opEmpty, hash(1), 0x05, hash(i), opEnd)...)
	case 3: // something that is only read
		turn = append(turn, cat(opLocalGet, 3, opLocalGet, i, opAdd, opDrop)...)
	case 4: // an assignment of the bound
		turn = append(turn, cat(opLocalGet, 1, opLocalSet, 1)...)
	case 5: // another assignment
		turn = append(turn, cat(opLocalGet, i, opLocalSet, i)...)
	}
	add := cat(opLocalGet, i, constant(int64(c.step)), opAdd)
	if c.form&1 == 1 {
		add = cat(opLocalGet, i, constant(-int64(c.step)), opSub)
	}
	var b []byte
	if c.front {
		test := cat(opLocalGet, i, c.bound(), c.cmp)
		if c.form&2 == 2 {
			test = cat(c.bound(), opLocalGet, i, mirror[c.cmp])
		}
		if c.constant && c.n == 0 && c.cmp == i32Eq {
			test = cat(opLocalGet, i, i32Eqz)
		}
		b = cat(opBlock, opEmpty, opLoop, opEmpty, test, opBrIf, 1, turn, add, opLocalSet, i)
		if c.form&4 == 4 {
			b = append(b, constant(7)...) // left on the stack
		}
		b = append(b, cat(opBr, 0, opEnd, opEnd)...)
	} else {
		b = cat(opLoop, opEmpty, turn)
		zero := c.constant && c.n == 0 && c.cmp == i32Ne
		switch {
		case zero && c.form&2 == 2:
			b = append(b, cat(add, opLocalTee, i)...)
		case c.form&6 == 0:
			b = append(b, cat(add, opLocalTee, i, c.bound(), c.cmp)...)
		case c.form&6 == 2:
			b = append(b, cat(c.bound(), add, opLocalTee, i, mirror[c.cmp])...)
		case c.form&6 == 4:
			b = append(b, cat(add, opLocalSet, i, opLocalGet, i, c.bound(), c.cmp)...)
		default:
			b = append(b, cat(add, opLocalSet, i, c.bound(), opLocalGet, i, mirror[c.cmp])...)
		}
		b = append(b, cat(opBrIf, 0, opEnd)...)
	}
	return string(cat(2, 1, i64, 1, i32, b, hash(i), opLocalGet, 2, opEnd))
}

// compare is what a comparison says.
func compare(cmp byte, a, b int32) bool {
	x, y := uint32(a), uint32(b)
	switch cmp {
	case i32Eq:
		return a == b
	case i32Ne:
		return a != b
	case i32LtS:
		return a < b
	case i32LtU:
		return x < y
	case i32GtS:
		return a > b
	case i32GtU:
		return x > y
	case i32LeS:
		return a <= b
	case i32LeU:
		return x <= y
	case i32GeS:
		return a >= b
	}
	return x >= y
}

// run is what the function returns; false: not within so many turns.
func (c countedLoop) run(i, n int32, most int) (h uint64, ok bool) {
	arg := n
	if c.constant {
		n = c.n
	}
	hash := func(x int32) { h = 31*h + uint64(uint32(x)) }
	for turns := 0; ; turns++ {
		if c.front && compare(c.cmp, i, n) {
			break
		}
		if turns == most {
			return 0, false
		}
		hash(i)
		switch {
		case c.extra == 1 && i&1 == 0, c.extra == 2 && i&2 != 0:
			hash(arg)
		case c.extra == 2:
			hash(i)
		}
		i += c.step
		if !c.front && !compare(c.cmp, i, n) {
			break
		}
	}
	hash(i)
	return h, true
}

func randomLoop(r *rand.Rand) countedLoop {
	c := countedLoop{front: r.IntN(2) == 0, form: r.IntN(8), step: 1 << r.IntN(5), constant: r.IntN(3) == 0, n: edge(r), extra: max(0, r.IntN(9)-3)}
	if r.IntN(2) == 0 {
		c.step = -c.step
	}
	if r.IntN(12) == 0 {
		c.step = int32(r.IntN(20))
	}
	if r.IntN(4) == 0 {
		c.n = 0
	}
	list := behind
	if c.front {
		list = inFront
	}
	c.cmp = list[min(r.IntN(len(list)), r.IntN(len(list)))]
	return c
}

// edge is a number near those where additions and comparisons change.
func edge(r *rand.Rand) int32 {
	return []int32{0, -1 << 31, 100, 100_000, -1000}[r.IntN(5)] + int32(r.IntN(60)) - 30
}

// TestMeterCountedEngine compares loops whose turns are paid for in advance with what they compute, and their fuel with the exact
// count. Those that do not end in time are stopped.
func TestMeterCountedEngine(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	typ := wasmbin.FuncType{Params: []wasmbin.ValueType{wasmbin.I32, wasmbin.I32}, Results: []wasmbin.ValueType{wasmbin.I64}}
	exact := wazero.NewRuntime(bg)
	defer func() { require.NoError(t, exact.Close(bg)) }()
	ended, stopped := 0, 0
	for range sometimes(400) {
		c := randomLoop(r)
		name := fmt.Sprintf("%+v", c)
		code := madeModule(t, typ, c.body())
		host := newMeterHost(t, wazero.NewRuntimeConfig())
		host.o.Budget = []int32{0, 1, 100, 300, 1000, 1 << 20}[r.IntN(6)]
		m, err := host.instantiate(code, "")
		require.NoError(t, err, name)
		plain, err := exact.InstantiateWithConfig(bg, counted(t, code), wazero.NewModuleConfig().WithName(""))
		require.NoError(t, err, name)
		for range 6 {
			n := edge(r)
			i := n + int32(r.IntN(400)) - 200
			if r.IntN(4) == 0 {
				i = edge(r)
			}
			args := []uint64{uint64(uint32(i)), uint64(uint32(n))}
			want, ends := c.run(i, n, 20_000)
			if _, later := c.run(i, n, 3_000_000); later && !ends {
				continue // too long to count, too short to stop
			}
			if !ends {
				host.until = time.Now()
				host.fuel[m].Set(0)
				_, err := m.ExportedFunction("f").Call(bg, args...)
				require.ErrorIs(t, err, errStopped, "%s %d %d", name, i, n)
				host.until = time.Time{}
				stopped++
				break
			}
			spent := func(m api.Module, fuel api.MutableGlobal) uint64 {
				fuel.Set(1 << 40)
				got, err := m.ExportedFunction("f").Call(bg, args...)
				require.NoError(t, err)
				require.Equal(t, want, got[0], "%s %d %d", name, i, n)
				return 1<<40 - fuel.Get()
			}
			count := spent(plain, plain.ExportedGlobal("exact").(api.MutableGlobal))
			fuel := spent(m, host.fuel[m])
			require.GreaterOrEqual(t, fuel, count, "%s %d %d", name, i, n)
			require.LessOrEqual(t, fuel, 2*count, "%s %d %d", name, i, n)
			ended++
		}
		require.NoError(t, plain.Close(bg))
	}
	t.Logf("%d calls ended, %d were stopped", ended, stopped)
	require.Positive(t, ended)
	require.Positive(t, stopped)
}

// TestMeterCountedInLoops wants loops stopped that do not end and have counted loops inside, of which each ends.
func TestMeterCountedInLoops(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	typ := wasmbin.FuncType{Params: []wasmbin.ValueType{wasmbin.I32, wasmbin.I32}, Results: []wasmbin.ValueType{wasmbin.I64}}
	host := newMeterHost(t, wazero.NewRuntimeConfig())
	inner := string(cat(opLocalGet, 0, i32Eqz, opBrIf, 1, opLocalGet, 0, constant(1), opSub, opLocalSet, 0, opBr, 0))
	codes := []string{string(cat(1, 1, i64, opLoop, opEmpty, opLoop, opEmpty, []byte(inner), opEnd, opEnd, opLocalGet, 2, opEnd))}
	for range sometimes(60) {
		c := randomLoop(r)
		c.step, c.cmp, c.constant, c.n = 1, i32Ne, true, int32(r.IntN(40))
		if c.front {
			c.cmp = i32Eq
		}
		body := c.body()
		body = body[5 : len(body)-1-len(cat(opLocalGet, 2))] // without locals and end
		codes = append(codes, string(cat(2, 1, i64, 1, i32, opLoop, opEmpty, constant(0), opLocalSet, 0, []byte(body), opBr, 0, opEnd, 0, opEnd)))
	}
	for k, code := range codes {
		m, err := host.instantiate(madeModule(t, typ, code), "")
		require.NoError(t, err, "%d: %x", k, code)
		host.until = time.Now().Add(time.Millisecond)
		_, err = m.ExportedFunction("f").Call(bg, 0, 0)
		require.ErrorIs(t, err, errStopped, "%d: %x", k, code)
		host.until = time.Time{}
	}
}
