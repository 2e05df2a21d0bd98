package wasmbin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
)

func TestUsageFeatures(t *testing.T) {
	local := module(sec(1, "\x01\x60\x00\x00"), sec(3, "\x01\x00"), sec(10, "\x01\x04\x01\x01\x7b\x0b"))
	for name, c := range map[string]struct {
		module []byte
		want   string
	}{
		"nothing":               {module(), "none"},
		"answer":                {answer, "none"},
		"1.0":                   {code("\x02\x7f\x03\x40\x41\x00\x0d\x00\x0e\x00\x00\x0b\x41\x00\x0b\x1a\x10\x00\x11\x00\x00\x28\x00\x00\x3f\x00\x1a\x0b"), "none"},
		"sign-ext":              {code("\xc0\xc4\x0b"), "sign-ext"},
		"after sign-ext":        {code("\xbf\x0b"), "none"},
		"saturating":            {code("\xfc\x00\xfc\x07\x0b"), "nontrapping-fptoint"},
		"memory.copy":           {code("\xfc\x0a\x00\x00\x0b"), "bulk-memory"},
		"table.copy":            {code("\xfc\x0e\x00\x00\x0b"), "bulk-memory"},
		"table.grow":            {code("\xfc\x0f\x00\x0b"), "reference-types"},
		"table.get":             {code("\x25\x00\x0b"), "reference-types"},
		"ref.null func":         {code("\xd0\x70\x0b"), "reference-types"},
		"ref.null 0":            {code("\xd0\x00\x0b"), "function-references, reference-types"},
		"ref.null exn":          {code("\xd0\x69\x0b"), "exception-handling, reference-types"},
		"ref.as_non_null":       {code("\xd4\x0b"), "function-references"},
		"select v128":           {code("\x1c\x02\x7f\x7b\x0b"), "reference-types, simd128"},
		"select of a type":      {code("\x1c\x01\x64\x00\x0b"), "function-references, reference-types"},
		"block of vector":       {code("\x02\x7b\x0b\x0b"), "simd128"},
		"block of externref":    {code("\x02\x6f\x0b\x0b"), "reference-types"},
		"block of nullable exn": {code("\x02\x63\x69\x0b\x0b"), "exception-handling, reference-types"},
		"block of exn":          {code("\x02\x64\x69\x0b\x0b"), "exception-handling, function-references, reference-types"},
		"block of type 0":       {code("\x04\x00\x0b\x0b"), "multivalue"},
		"vector":                {code("\xfd\x0c0123456789abcdef\x0b"), "simd128"},
		"fence":                 {code("\xfe\x03\x00\x0b"), "atomics"},
		"return_call":           {code("\x12\x00\x0b"), "tail-call"},
		"return_call_ref":       {code("\x15\x00\x0b"), "function-references, tail-call"},
		"throw":                 {code("\x08\x00\x0b"), "exception-handling"},
		"try_table":             {code("\x1f\x40\x00\x0b\x0b"), "exception-handling"},
		"local of vector":       {local, "simd128"},
		"two results":           {module(sec(1, "\x01\x60\x00\x02\x7f\x7f")), "multivalue"},
		"vector parameter":      {module(sec(1, "\x01\x60\x01\x7b\x00")), "simd128"},
		"exnref result":         {module(sec(1, "\x01\x60\x00\x01\x69")), "exception-handling, reference-types"},
		"group":                 {module(sec(1, "\x01\x4e\x01\x60\x00\x00")), "function-references"},
		"table":                 {module(sec(4, "\x01\x70\x00\x00")), "none"},
		"two tables":            {module(sec(2, "\x01\x00\x00\x01\x70\x00\x00"), sec(4, "\x01\x70\x00\x00")), "reference-types"},
		"table of externref":    {module(sec(4, "\x01\x6f\x00\x00")), "reference-types"},
		"table with init":       {module(sec(4, "\x01\x40\x00\x70\x00\x00\xd0\x70\x0b")), "function-references, reference-types"},
		"shared memory":         {module(sec(5, "\x01\x03\x01\x01")), "atomics"},
		"shared memory import":  {module(sec(2, "\x01\x00\x00\x02\x03\x01\x01")), "atomics"},
		"two memories":          {module(sec(2, "\x01\x00\x00\x02\x00\x00"), sec(5, "\x01\x00\x00")), "multimemory"},
		"mutable global":        {module(sec(6, "\x01\x7f\x01\x41\x00\x0b"), sec(7, "\x01\x00\x02\x00")), "none"},
		"mutable export":        {module(sec(6, "\x01\x7f\x01\x41\x00\x0b"), sec(7, "\x01\x00\x03\x00")), "mutable-globals"},
		"no such export":        {module(sec(6, "\x01\x7f\x01\x41\x00\x0b"), sec(7, "\x01\x00\x03\x01")), "none"},
		"mutable import":        {module(sec(2, "\x01\x00\x00\x03\x7f\x01"), sec(7, "\x01\x00\x03\x00")), "mutable-globals"},
		"immutable import":      {module(sec(2, "\x01\x00\x00\x03\x7e\x00"), sec(7, "\x01\x00\x03\x00")), "none"},
		"global of a function":  {module(sec(6, "\x01\x70\x00\xd2\x00\x0b")), "reference-types"},
		"tag":                   {module(sec(13, "\x01\x00\x00")), "exception-handling"},
		"tag import":            {module(sec(2, "\x01\x00\x00\x04\x00\x00")), "exception-handling"},
		"sum":                   {module(sec(6, "\x01\x7f\x00\x41\x00\x41\x00\x6a\x0b")), "extended-const"},
		"data at a sum":         {module(sec(11, "\x01\x00\x41\x00\x41\x00\x6b\x0b\x00")), "extended-const"},
		"global of a global":    {module(sec(6, "\x02\x7f\x00\x41\x00\x0b\x7f\x00\x23\x00\x0b")), "extended-const"},
		"of an imported one":    {module(sec(2, "\x01\x00\x00\x03\x7f\x00"), sec(6, "\x01\x7f\x00\x23\x00\x0b")), "none"},
		"data, memory by index": {module(sec(11, "\x01\x02\x00\x41\x00\x0b\x00")), "bulk-memory"},
		"elements, by index":    {module(sec(9, "\x01\x02\x00\x41\x00\x0b\x00\x00")), "bulk-memory"},
		"passive data":          {module(sec(12, "\x01"), sec(11, "\x01\x01\x00")), "bulk-memory"},
		"active data":           {module(sec(12, "\x01"), sec(11, "\x01\x00\x41\x00\x0b\x00")), "none"},
		"active elements":       {module(sec(9, "\x01\x00\x41\x00\x0b\x00")), "none"},
		"passive elements":      {module(sec(9, "\x01\x01\x00\x00")), "bulk-memory"},
		"declared elements":     {module(sec(9, "\x01\x03\x00\x00")), "bulk-memory, reference-types"},
		"element expressions":   {module(sec(9, "\x01\x04\x41\x00\x0b\x01\xd0\x70\x0b")), "bulk-memory"},
		"elements of externref": {module(sec(9, "\x01\x05\x6f\x01\xd0\x6f\x0b")), "bulk-memory, reference-types"},
		"everything":            {full(), "atomics, bulk-memory, exception-handling, extended-const, function-references, multimemory, multivalue, mutable-globals, reference-types, simd128"},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := decode(t, c.module).Usage()
			require.NoError(t, err)
			require.Equal(t, c.want, u.Features.String())
			require.Len(t, u.Features.Names(), len(strings.Split(c.want, ", "))*min(1, int(u.Features)))
			require.False(t, u.AtomicWait)
		})
	}
	for _, op := range []string{"\xfe\x01\x02\x00", "\xfe\x02\x03\x00"} {
		u, err := decode(t, code(op+"\x0b")).Usage()
		require.NoError(t, err)
		require.True(t, u.AtomicWait)
	}
}

// peaks is a module that imports a function and has three: one of them is the greatest in each way.
func peaks() []byte {
	body := func(b string) string { return string([]byte{byte(len(b))}) + b }
	return module(
		sec(1, "\x01\x60\x03\x7f\x7f\x7f\x00"), sec(2, "\x01\x01m\x01f\x00\x00"), sec(3, "\x03\x00\x00\x00"),
		sec(10, "\x03"+
			body("\x00\x02\x40\x0b\x02\x40\x0b\x02\x40\x0b\x02\x40\x0b\x0b")+ // 3 locals x 5 blocks
			body("\x02\x02\x7f\x02\x7e\x02\x40\x0b\x0b")+ // 7 locals x 2 blocks
			body("\x00\x03\x40\x04\x40\x05\x0b\x1f\x40\x00\x0e\x02\x00\x00\x00\x0b\x0b\x0b")), // 2 nested, and the longest
	)
}

func TestUsagePeaks(t *testing.T) {
	u, err := decode(t, peaks()).Usage()
	require.NoError(t, err)
	require.Equal(t, wasmbin.Usage{
		Features:     wasmbin.FeatureExceptionHandling,
		Nesting:      wasmbin.Peak{Value: 2, Func: 3},
		LoopCount:    wasmbin.Peak{Value: 1, Func: 3},
		Loops:        wasmbin.Peak{Value: 1, Func: 3},
		Locals:       wasmbin.Peak{Value: 7, Func: 2},
		LocalNesting: wasmbin.Peak{Value: 7, Func: 2},
		LocalBlocks:  wasmbin.Peak{Value: 15, Func: 1},
		Work:         3*5 + 7*2 + 3*4,
		BrTable:      wasmbin.Peak{Value: 2, Func: 3},
		BodySize:     wasmbin.Peak{Value: 17, Func: 3},
	}, u)
	most := "\xff\xff\xff\xff\x0f" // 2**32-1, of which there are too many only with the parameters
	u, err = decode(t, module(sec(1, "\x01\x60\x02\x7f\x7f\x00"), sec(3, "\x01\x00"),
		sec(10, "\x01\x0b\x01"+most+"\x7f\x02\x40\x0b\x0b"))).Usage()
	require.NoError(t, err)
	require.Equal(t, uint64(1)<<32+1, u.Locals.Value)
	require.Equal(t, uint64(1)<<33+2, u.LocalBlocks.Value)
}

func TestUsageLoops(t *testing.T) {
	const loop, block, end = "\x03\x40", "\x02\x40", "\x0b"
	nest := func(n int, open string) string { return strings.Repeat(open, n) }
	for name, c := range map[string]struct {
		body string
		want uint64
	}{
		"blocks":                {nest(3, block) + nest(3, end), 0},
		"beside each other":     {loop + end + loop + end, 1},
		"through a block":       {loop + block + loop + nest(3, end), 2},
		"a level twice":         {block + loop + end + end + loop + block + end + end, 1},
		"blocks at the end":     {loop + nest(8191, block) + nest(8192, end), 1},
		"blocks below all bits": {loop + nest(8192, block) + nest(8193, end), 2},
		"and above again":       {nest(8193, block) + nest(8193, end) + loop + loop + nest(2, end), 2},
	} {
		u, err := decode(t, code(c.body+end)).Usage()
		require.NoError(t, err, name)
		require.Equal(t, c.want, u.Loops.Value, name)
	}
}

func TestUsageBlockValues(t *testing.T) {
	body := func(s string) string { return string(rune(len(s))) + s }
	u, err := decode(t, module(sec(1, "\x02\x60\x00\x00\x60\x02\x7f\x7f\x03\x7f\x7f\x7f"), sec(3, "\x02\x00\x00"),
		sec(10, "\x02"+body("\x00\x02\x01\x0b\x0b")+body("\x00\x02\x7f\x03\x01\x0b\x0b\x04\x01\x0b\x02\x05\x0b\x0b")))).Usage()
	require.NoError(t, err)
	require.Equal(t, wasmbin.Peak{Value: 10, Func: 1}, u.BlockValues, "of types that are there")
}

func TestUsageRefused(t *testing.T) {
	for name, c := range map[string]struct {
		module []byte
		want   string
	}{
		"opcode":   {code("\x16\x0b"), "code section: offset 0x17: unknown opcode 0x16"},
		"blocks":   {code("\x02\x40\x0b"), "code section: offset 0x1a: end of code: got 1 open blocks, want none"},
		"memories": {code("\x3f\x01\x1a\x0b"), "code section: offset 0x18: opcode 0x3f: unsupported: several memories (memory 1)"},
		"type":     {module(sec(3, "\x01\x00"), sec(10, "\x01\x02\x00\x0b")), "function section: entry 0: type index: got 0, want less than 0"},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := decode(t, c.module).Usage()
			require.EqualError(t, err, "wasmbin: "+c.want)
			require.Zero(t, u)
		})
	}
}

func TestUsageAllocatesNothing(t *testing.T) {
	for _, b := range [][]byte{full(), peaks(), globals()} {
		m := decode(t, b)
		require.Zero(t, testing.AllocsPerRun(10, func() {
			if _, err := m.Usage(); err != nil {
				panic(err)
			}
		}))
	}
}

func TestFeatures(t *testing.T) {
	all := ^wasmbin.Features(0)
	names := all.Names()
	require.IsIncreasing(t, names)
	require.Len(t, names, 13)
	require.Equal(t, []string{}, wasmbin.Features(0).Names())
	require.True(t, all.Has(wasmbin.FeatureTailCall|wasmbin.FeatureAtomics))
	require.False(t, wasmbin.FeatureTailCall.Has(wasmbin.FeatureTailCall|wasmbin.FeatureAtomics))
	for i, f := range []wasmbin.Features{wasmbin.FeatureAtomics, wasmbin.FeatureBulkMemory, wasmbin.FeatureExceptionHandling,
		wasmbin.FeatureExtendedConst, wasmbin.FeatureFunctionReferences, wasmbin.FeatureMultiMemory, wasmbin.FeatureMultivalue,
		wasmbin.FeatureMutableGlobals, wasmbin.FeatureNontrappingFptoint, wasmbin.FeatureReferenceTypes, wasmbin.FeatureSignExt,
		wasmbin.FeatureSIMD128, wasmbin.FeatureTailCall} {
		require.Equal(t, names[i], f.String())
	}
}

func BenchmarkUsage(b *testing.B) {
	body := "\x00" + strings.Repeat("\x02\x40\x20\x00\x41\x05\x6a\x28\x02\x04\x21\x01\x0b", 1000) + "\x0b"
	size := string([]byte{byte(len(body)) | 0x80, byte(len(body)>>7) | 0x80, byte(len(body) >> 14)})
	code := module(sec(1, "\x01\x60\x00\x00"), sec(3, "\x01\x00"), sec(10, "\x01"+size+body))
	m := decode(b, code)
	b.SetBytes(int64(len(code)))
	for b.Loop() {
		if _, err := m.Usage(); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleModule_Usage() {
	m, err := wasmbin.Decode(peaks())
	if err != nil {
		panic(err)
	}
	u, err := m.Usage()
	if err != nil {
		panic(err)
	}
	fmt.Println(u.Features, u.AtomicWait)
	fmt.Println("locals:", u.Locals.Value, "in function", u.Locals.Func)
	// Output:
	// exception-handling false
	// locals: 7 in function 2
}

func ExampleUsage() {
	u, err := everything().Usage()
	if err != nil {
		panic(err)
	}
	fmt.Println(u.Nesting.Value, u.Locals.Value, u.LocalBlocks.Value, u.BrTable.Value, u.BodySize.Value)
	// Output: 0 6 6 0 9
}

func ExamplePeak() {
	u, err := everything().Usage()
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d bytes in function %d\n", u.BodySize.Value, u.BodySize.Func)
	// Output: 9 bytes in function 2
}

func ExampleFeatures() {
	f := wasmbin.FeatureSIMD128 | wasmbin.FeatureBulkMemory
	fmt.Println(f, f.Has(wasmbin.FeatureSIMD128), len(f.Names()))
	// Output: bulk-memory, simd128 true 2
}
