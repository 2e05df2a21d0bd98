package wasmbin_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
)

func TestMeterAppends(t *testing.T) {
	before := decode(t, full())
	m := decode(t, full())
	start, ok := m.RemoveStart()
	require.True(t, ok)
	require.EqualValues(t, 3, start)
	require.Equal(t, []byte("\x10\x00\x0b"), m.Code[2].Code)
	_, ok = m.RemoveStart()
	require.False(t, ok)
	_, err := m.AppendExport(wasmbin.Export{Name: "wasmffi.meter", Kind: wasmbin.KindFunc})
	require.NoError(t, err)

	names, err := m.Meter(wasmbin.MeterOptions{})
	require.NoError(t, err)
	require.Equal(t, &wasmbin.Metering{Fuel: "wasmffi.meter_.fuel", Poll: "wasmffi.meter_.poll"}, names)
	m = decode(t, m.Encode())
	require.NoError(t, m.CheckIndices())
	require.Nil(t, m.Start)
	require.Equal(t, before.Types, m.Types[:4])
	require.Equal(t, before.Imports, m.Imports)
	require.Equal(t, before.Functions, m.Functions[:2])
	require.Equal(t, before.Elements, m.Elements)
	require.Equal(t, before.Data, m.Data)
	require.Equal(t, before.Customs, m.Customs, "the name section stays")
	require.Equal(t, before.Code[0].Code, m.Code[0].Code, "nothing is executed, nothing is charged")
	require.Equal(t, []byte("\x10\x00\x0b"), m.Code[2].Code, "what the host appended is not metered")
	require.Equal(t, wasmbin.Export{Name: names.Fuel, Kind: wasmbin.KindGlobal, Index: 3}, m.Exports[6])
	require.Equal(t, wasmbin.Export{Name: names.Poll, Kind: wasmbin.KindTable, Index: 3}, m.Exports[7])
	require.Equal(t, wasmbin.Global{GlobalType: wasmbin.GlobalType{Type: wasmbin.I64, Mutable: true}, Init: []byte("\x42\x00\x0b")}, m.Globals[2])
	require.Equal(t, wasmbin.Table{Type: wasmbin.FuncRef, Limits: wasmbin.Limits{Min: 1, Max: 1, HasMax: true}}, m.Tables[2])
}

func TestMeterFuel(t *testing.T) {
	for fuel, init := range map[uint64]string{
		0: "\x42\x00\x0b", 63: "\x42\x3f\x0b", 64: "\x42\xc0\x00\x0b", 1_000_000_000: "\x42\x80\x94\xeb\xdc\x03\x0b",
		math.MaxInt64: "\x42\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x0b",
	} {
		m := decode(t, full())
		names, err := m.Meter(wasmbin.MeterOptions{Fuel: fuel})
		require.NoError(t, err)
		m = decode(t, m.Encode())
		x := m.Exports[len(m.Exports)-2]
		require.Equal(t, names.Fuel, x.Name)
		require.Equal(t, init, string(m.Globals[x.Index-1].Init), "one is imported")
	}
}

func TestMeterWithoutFunctions(t *testing.T) {
	m := decode(t, module(sec(5, "\x01\x00\x01")))
	names, err := m.Meter(wasmbin.MeterOptions{})
	require.NoError(t, err)
	m = decode(t, m.Encode())
	require.Empty(t, m.Types)
	require.Empty(t, m.Functions)
	require.Equal(t, []wasmbin.Export{{names.Fuel, wasmbin.KindGlobal, 0}, {names.Poll, wasmbin.KindTable, 0}}, m.Exports)
}

// TestMeterCopies wants what is not rewritten byte for byte: sizes and numbers in the long form of linkers.
func TestMeterCopies(t *testing.T) {
	empty, called := "\x82\x80\x00\x00\x0b", "\x87\x80\x00\x80\x00\x10\x80\x80\x00\x0b"
	m := decode(t, module(sec(1, "\x01\x60\x00\x00"), sec(3, "\x02\x00\x00"), sec(10, "\x02"+empty+called)))
	_, err := m.Meter(wasmbin.MeterOptions{})
	require.NoError(t, err)
	out := string(m.Encode())
	require.Contains(t, out, empty)
	require.Contains(t, out, "\x10\x80\x80\x00\x0b")
	require.NotContains(t, out, called)
}

func TestMeterRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		module []byte
		o      wasmbin.MeterOptions
		want   string
	}{
		"budget":   {answer, wasmbin.MeterOptions{Budget: -1}, "budget: got -1, want 1 to 1048576, or 0 for 16384"},
		"large":    {answer, wasmbin.MeterOptions{Budget: 1<<20 + 1}, "budget: got 1048577, want 1 to 1048576, or 0 for 16384"},
		"fuel":     {answer, wasmbin.MeterOptions{Fuel: 1 << 63}, "fuel: got 9223372036854775808, want at most 9223372036854775807"},
		"opcode":   {code("\x16\x0b"), wasmbin.MeterOptions{}, "code section: offset 0x17: unknown opcode 0x16"},
		"label":    {code("\x0c\x01\x0b"), wasmbin.MeterOptions{}, "code section: offset 0x18: opcode 0xc: label index: got 1, want less than 1"},
		"not open": {code("\x0b\x0b"), wasmbin.MeterOptions{}, "code section: offset 0x18: got 1 bytes after the last end, want none"},
		"type": {module(sec(1, "\x00"), sec(3, "\x01\x00"), sec(10, "\x01\x02\x00\x0b")), wasmbin.MeterOptions{},
			"function section: entry 0: type index: got 0, want less than 0"},
		"locals": {module(sec(1, "\x01\x60\x00\x00"), sec(3, "\x01\x00"), sec(10, "\x01\x08\x01\xfe\xff\xff\xff\x0f\x7f\x0b")), wasmbin.MeterOptions{},
			"code section: offset 0x1d: body: got 4294967294 locals and 1 bytes, want at most 4294967288 and 268435456"},
	} {
		t.Run(name, func(t *testing.T) {
			m := decode(t, c.module)
			names, err := m.Meter(c.o)
			require.EqualError(t, err, "wasmbin: "+c.want)
			mine(t, err)
			require.Nil(t, names)
			require.Equal(t, c.module, m.Encode(), "nothing was changed")
		})
	}
}

// TestMeterGrowth looks at the worst that a module can do: loops without content.
func TestMeterGrowth(t *testing.T) {
	var clauses strings.Builder
	for k := range 100 {
		clauses.WriteString("\x02" + string(rune(2+k)))
	}
	for name, body := range map[string]string{
		"loops": strings.Repeat("\x03\x40\x0b", 100_000) + "\x0b",
		"nest":  strings.Repeat("\x03\x40", 50_000) + strings.Repeat("\x0b", 50_001),
		"tries": strings.Repeat("\x1f\x40\x01\x02\x00", 50_000) + strings.Repeat("\x0b", 50_001),
		"catch": strings.Repeat("\x02\x40", 100) + strings.Repeat("\x1f\x40\x01\x02\x00", 2) + strings.Repeat("\x1f\x40\x64"+clauses.String()+"\x0b", 100) + strings.Repeat("\x0b", 103),
		"calls": strings.Repeat("\x10\x01\x0d\x00", 50_000) + "\x0b",
		"table": strings.Repeat("\x02\x40", 1000) + strings.Repeat("\x41\x00\x0e\xe8\x07"+strings.Repeat("\x05", 1001), 100) + strings.Repeat("\x0b", 1001),
	} {
		t.Run(name, func(t *testing.T) {
			m := meterModule(t, "\x00"+body, 0)
			_, err := m.Meter(wasmbin.MeterOptions{})
			require.NoError(t, err)
			grown := len(m.Encode())
			t.Logf("%d bytes become %d: %.1fx", len(body), grown, float64(grown)/float64(len(body)))
			require.Less(t, grown, 25*len(body))
		})
	}
}

// TestMeterLandings wants the types of landings not to grow with what they are made of, times itself.
func TestMeterLandings(t *testing.T) {
	const kinds, values = 42, 300 // 42 by 42 types of 600 values each are more than 1<<20; 41 by 42 are not
	m := decode(t, module(sec(1, "\x00"), sec(3, "\x00"), sec(10, "\x00")))
	var nest, body string
	number := func(n int) string { return string(binary.AppendUvarint(nil, uint64(n))) }
	for i := range kinds {
		f := wasmbin.FuncType{}
		for k := range values {
			t := []wasmbin.ValueType{wasmbin.I32, wasmbin.I64}[i>>(k%6)&1]
			f.Params, f.Results = append(f.Params, t), append(f.Results, t)
		}
		m.AppendType(f)
		nest += "\x02" + number(i)
	}
	for i := range kinds {
		body += "\x1f" + number(i) + number(kinds)
		for k := range kinds {
			body += "\x02" + number(1+k)
		}
		body += "\x0b"
	}
	void := m.AppendType(wasmbin.FuncType{})
	_, err := m.AppendFunction(void, []byte("\x00"+nest+"\x1f\x40\x01\x02\x00"+body+strings.Repeat("\x0b", kinds+2)))
	require.NoError(t, err)
	m = decode(t, m.Encode())
	_, err = m.Meter(wasmbin.MeterOptions{})
	require.NoError(t, err)
	require.Less(t, len(m.Encode()), 2<<20)
	require.Equal(t, 1, strings.Count(string(m.Code[0].Code), "\x41\x81\x02\x10"), "i32.const 257, call: one is not entered")
}

func TestEncodeRefill(t *testing.T) {
	m := decode(t, wasmbin.EncodeRefill("host", "refill", "guest", "poll"))
	require.NoError(t, m.CheckIndices())
	require.Equal(t, []wasmbin.FuncType{{}}, m.Types)
	require.Equal(t, wasmbin.Import{Module: "host", Name: "refill", Kind: wasmbin.KindFunc}, m.Imports[0])
	one := wasmbin.Table{Type: wasmbin.FuncRef, Limits: wasmbin.Limits{Min: 1, Max: 1, HasMax: true}}
	require.Equal(t, wasmbin.Import{Module: "guest", Name: "poll", Kind: wasmbin.KindTable, Table: &one}, m.Imports[1])
	require.Equal(t, []wasmbin.Element{{Offset: []byte("\x41\x00\x0b"), Type: wasmbin.FuncRef, Count: 1, Init: []byte("\x00")}}, m.Elements)
}

func TestDropCustoms(t *testing.T) {
	b := module(sec(0, "\x01a"), sec(0, "\x02ab1"), sec(1, "\x00"), sec(0, "\x02abx"), sec(0, "\x04name"))
	m := decode(t, b)
	require.Zero(t, m.DropCustoms("b"))
	require.Equal(t, b, m.Encode())
	require.Equal(t, 2, m.DropCustoms("ab"))
	require.Zero(t, m.DropCustoms("ab"))
	require.Equal(t, module(sec(0, "\x01a"), sec(1, "\x00"), sec(0, "\x04name")), m.Encode())
	require.Equal(t, 1, m.DropCustoms("n"))
	require.Equal(t, []wasmbin.Custom{{Name: "a", Data: []byte{}}}, m.Customs)
	require.Equal(t, 1, m.DropCustoms(""))
	require.Equal(t, module(sec(1, "\x00")), m.Encode())
}

func ExampleModule_Meter() {
	m, err := wasmbin.Decode(answer)
	if err == nil {
		err = m.CheckIndices()
	}
	if err != nil {
		panic(err)
	}
	start, ok := m.RemoveStart() // to be exported and called after the instance was given fuel
	m.DropCustoms(".debug_")     // its offsets are those of the code as it was
	names, err := m.Meter(wasmbin.MeterOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(start, ok, names.Fuel, names.Poll)
	fmt.Printf("% x\n", m.Code[0].Code) // fuel -= 1; i32.const 42
	// Output:
	// 0 false wasmffi.meter.fuel wasmffi.meter.poll
	// 23 00 42 01 7d 24 00 41 2a 0b
}

func ExampleMeterOptions() {
	m, err := wasmbin.Decode(answer)
	if err != nil {
		panic(err)
	}
	_, err = m.Meter(wasmbin.MeterOptions{Budget: 1 << 30})
	fmt.Println(err)
	// Output: wasmbin: budget: got 1073741824, want 1 to 1048576, or 0 for 16384
}

func ExampleMetering() {
	m, err := wasmbin.Decode(answer)
	if err != nil {
		panic(err)
	}
	names, err := m.Meter(wasmbin.MeterOptions{})
	if err != nil {
		panic(err)
	}
	refill := wasmbin.EncodeRefill("host", "refill", "guest", names.Poll) // to be instantiated after the module
	helper, err := wasmbin.Decode(refill)
	if err != nil {
		panic(err)
	}
	for _, x := range helper.Imports {
		fmt.Println(x.Kind, x.Module, x.Name)
	}
	// Output:
	// func host refill
	// table guest wasmffi.meter.poll
}

func ExampleEncodeRefill() {
	fmt.Printf("%q\n", wasmbin.EncodeRefill("host", "refill", "guest", "poll")[8:])
	// Output: "\x01\x04\x01`\x00\x00\x02\x1f\x02\x04host\x06refill\x00\x00\x05guest\x04poll\x01p\x01\x01\x01\t\a\x01\x00A\x00\v\x01\x00"
}

func ExampleModule_RemoveStart() {
	m := everything()
	started := *m.Start
	f, ok := m.RemoveStart()
	if _, err := m.AppendExport(wasmbin.Export{Name: m.PrivatePrefix("start"), Kind: wasmbin.KindFunc, Index: f}); err != nil {
		panic(err)
	}
	fmt.Printf("%d % x %v %v\n", started, m.Code[2].Code, ok, m.Start) // call 0
	// Output: 0 10 00 0b true <nil>
}

func ExampleModule_DropCustoms() {
	m := everything()
	fmt.Println(m.DropCustoms(".debug_"), m.DropCustoms("fir"), len(m.Customs), m.Customs[0].Name)
	// Output: 0 1 1 name
}

// TestMeterUnchecked meters a body with a local that is not there, in a loop that is counted: whoever has not checked indices gets no panic.
func TestMeterUnchecked(t *testing.T) {
	m := meterModule(t, "\x01\x02\x7f\x03\x40\x20\x64\x20\x00\x41\x01\x6a\x22\x00\x20\x01\x47\x0d\x00\x0b\x0b", 3)
	require.Error(t, m.CheckIndices())
	_, err := m.Meter(wasmbin.MeterOptions{})
	require.NoError(t, err)
}
