package wasmbin

import "fmt"

// lack is a feature that is refused by name, because it changes how modules are read and engines that have what this package
// reads do not have it.
type lack struct {
	feature string // as in [Error]
	what    string // in words
	hint    string // what to do; empty where nothing is sure to help
}

var (
	lackMemory64   = &lack{"memory64", "64-bit memories and tables", "compile for wasm32"}
	lackPageSizes  = &lack{"custom-page-sizes", "page sizes other than 64 KiB", ""}
	lackShared     = &lack{"shared-everything", "tables, globals and references that threads share", ""}
	lackMemories   = &lack{"multimemory", "several memories", ""}
	lackGC         = &lack{"gc", "garbage collection", ""}
	lackStacks     = &lack{"stack-switching", "stack switching", ""}
	lackRelaxed    = &lack{"relaxed-simd", "relaxed vector instructions", "compile with -mno-relaxed-simd"}
	lackHalf       = &lack{"fp16", "half precision", "compile with -mno-fp16"}
	lackWide       = &lack{"wide-arithmetic", "wide arithmetic", "compile with -mno-wide-arithmetic"}
	lackOldHandler = &lack{"legacy-exceptions", "legacy exception handling",
		"compile with -fwasm-exceptions -mllvm -wasm-use-legacy-eh=false, with Emscripten -sWASM_LEGACY_EXCEPTIONS=0"}
)

// problem is the reason in an error; detail is what shows the feature, or empty.
func (l *lack) problem(detail string) string {
	if detail == "" {
		detail = l.feature
	}
	reason := fmt.Sprintf("unsupported: %s (%s)", l.what, detail)
	if l.hint != "" {
		reason += ": " + l.hint
	}
	return reason
}

// lackingOpcodes are ranges of opcodes of what is lacking, after their prefix, which is 0 for none.
var lackingOpcodes = []struct {
	prefix   byte
	from, to uint64
	lack     *lack
	name     string
}{
	{0, 0x06, 0x06, lackOldHandler, "try"},
	{0, 0x07, 0x07, lackOldHandler, "catch"},
	{0, 0x09, 0x09, lackOldHandler, "rethrow"},
	{0, 0x18, 0x18, lackOldHandler, "delegate"},
	{0, 0x19, 0x19, lackOldHandler, "catch_all"},
	{0, 0xd3, 0xd3, lackGC, "ref.eq"},
	{0, 0xe0, 0xe6, lackStacks, ""},
	{0, 0xfb, 0xfb, lackGC, ""},
	{prefixMisc, 0x13, 0x16, lackWide, ""},
	{prefixMisc, 0x30, 0x31, lackHalf, ""},
	{prefixVector, 0x100, 0x113, lackRelaxed, ""},
	{prefixVector, 0x120, 0x14f, lackHalf, ""},
}

// unknown is the problem with an opcode that has no shape.
func (w *walker) unknown(prefix byte, n uint64) (problem string) {
	name := fmt.Sprintf("opcode %#x %d", prefix, n)
	if n <= 0xff {
		name = (Opcode(prefix)<<8 | Opcode(n)).String()
	}
	for _, o := range lackingOpcodes {
		if o.prefix == prefix && o.from <= n && n <= o.to {
			if o.name != "" {
				name = o.name
			}
			return w.unsupported(o.lack, name)
		}
	}
	return "unknown " + name
}

// lackingType is what a value type at b[pos:] shows to be lacking, if it is that which makes it none.
func lackingType(b []byte, pos int) *lack {
	if pos < len(b) && (b[pos] == refNull || b[pos] == refNonNull) {
		pos++
	}
	return lackingHeap(b, pos)
}

// lackingHeap is lackingType for heap types, whose names are single bytes.
func lackingHeap(b []byte, pos int) *lack {
	if pos >= len(b) {
		return nil
	}
	switch b[pos] {
	case 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x71, 0x72, 0x73, 0x74: // array struct i31 eq any none noextern nofunc noexn
		return lackGC
	case 0x68, 0x75: // cont nocont
		return lackStacks
	case 0x65: // shared
		return lackShared
	}
	return nil
}

// lackingForm is what the leading byte of a type shows to be lacking.
func lackingForm(form byte) *lack {
	switch form {
	case 0x4f, 0x50, 0x5e, 0x5f: // sub final, sub, array, struct
		return lackGC
	case 0x5d: // cont
		return lackStacks
	case 0x65: // shared
		return lackShared
	}
	return nil
}
