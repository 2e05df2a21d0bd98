package wasmbin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
)

// walk is the opcodes of code, and the length of the immediates where there are any.
func walk(code string) (string, error) {
	var all []string
	for ins, err := range wasmbin.Instructions([]byte(code)) {
		if err != nil {
			return strings.Join(all, " "), err
		}
		one := fmt.Sprintf("%02x", uint16(ins.Op))
		if n := ins.End - ins.Imm; n > 0 {
			one += fmt.Sprintf("+%d", n)
		}
		all = append(all, one)
	}
	return strings.Join(all, " "), nil
}

func TestInstructions(t *testing.T) {
	for name, c := range map[string]struct{ code, want string }{
		"empty body":       {"\x0b", "0b"},
		"block types":      {"\x02\x40\x03\x7f\x04\x85\x80\x00\x05\x0b\x0b\x0b\x02\x63\x70\x0b\x02\x64\x05\x0b\x0b", "02+1 03+1 04+3 05 0b 0b 0b 02+2 0b 02+2 0b 0b"},
		"br_table":         {"\x0e\x02\x00\x81\x00\x01\x0e\x00\x00\x0b", "0e+5 0e+2 0b"},
		"try_table":        {"\x1f\x40\x04\x00\x01\x00\x01\x02\x00\x02\x03\x03\x04\x0b\x08\x80\x00\x0a\x0b", "1f+12 0b 08+2 0a 0b"},
		"calls":            {"\x10\x00\x11\x01\x80\x00\x12\x01\x13\x00\x00\x14\x00\x15\x00\x0b", "10+1 11+3 12+1 13+2 14+1 15+1 0b"},
		"select":           {"\x1b\x1c\x01\x7f\x1c\x02\x63\x6f\x7b\x0b", "1b 1c+2 1c+4 0b"},
		"variables":        {"\x20\xff\xff\xff\xff\x0f\x24\x00\x25\x00\x26\x01\x0b", "20+5 24+1 25+1 26+1 0b"},
		"memory":           {"\x28\x02\x80\x01\x3e\x1f\x00\x3f\x00\x40\x00\x0b", "28+3 3e+2 3f+1 40+1 0b"},
		"constants":        {"\x41\x80\x80\x80\x80\x78\x42\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x43\x0b\x0b\x0b\x0b\x44\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b", "41+5 42+10 43+4 44+8 0b"},
		"references":       {"\xd0\x70\xd0\x05\xd1\xd2\x00\xd4\xd5\x00\xd6\x00\x0b", "d0+1 d0+1 d1 d2+1 d4 d5+1 d6+1 0b"},
		"misc":             {"\xfc\x07\xfc\x08\x01\x00\xfc\x0a\x00\x00\xfc\x8b\x80\x00\x00\xfc\x0c\x00\x00\xfc\x0d\x00\xfc\x0e\x00\x00\xfc\x11\x00\x0b", "fc07 fc08+2 fc0a+2 fc0b+1 fc0c+2 fc0d+1 fc0e+2 fc11+1 0b"},
		"vector":           {"\xfd\x00\x04\x00\xfd\x0c0123456789abcdef\xfd\x0d0123456789abcdef\xfd\x15\x0f\xfd\x54\x00\x00\x0f\xfd\xe0\x01\x0b", "fd00+2 fd0c+16 fd0d+16 fd15+1 fd54+3 fde0 0b"},
		"atomic":           {"\xfe\x00\x02\x00\xfe\x03\x00\xfe\x4e\x02\x00\x0b", "fe00+2 fe03+1 fe4e+2 0b"},
		"sign, saturation": {"\xc0\xc4\xfc\x00\x0b", "c0 c4 fc00 0b"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := walk(c.code)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
			for i := range c.code {
				_, err := walk(c.code[:i])
				require.Error(t, err, "cut to %d bytes", i)
			}
		})
	}
}

func TestInstructionsMalformed(t *testing.T) {
	for name, c := range map[string]struct{ code, want string }{
		"empty":                {"", "offset 0x0: end of code: got 1 open blocks, want none"},
		"open block":           {"\x02\x40\x0b", "offset 0x3: end of code: got 1 open blocks, want none"},
		"after the end":        {"\x01\x0b\x01\x0b", "offset 0x2: got 2 bytes after the last end, want none"},
		"unknown":              {"\x01\x16\x40\x0b", "offset 0x1: unknown opcode 0x16"},
		"unknown prefix":       {"\xfa\x00\x0b", "offset 0x0: unknown opcode 0xfa"},
		"unknown misc":         {"\xfc\x12\x0b", "offset 0x0: unknown opcode 0xfc12"},
		"unknown vector":       {"\xfd\x9a\x01\x0b", "offset 0x0: unknown opcode 0xfd9a"},
		"vector of 3 bytes":    {"\xfd\x94\x02\x0b", "offset 0x0: unknown opcode 0xfd 276"},
		"unknown atomic":       {"\xfe\x04\x0b", "offset 0x0: unknown opcode 0xfe04"},
		"long vector":          {"\xfd\x8c\x00\x0b", "offset 0x0: opcode 0xfd0c: got 2 bytes after the prefix, want 1"},
		"longer vector":        {"\xfd\x80\x81\x00\x0b", "offset 0x0: opcode 0xfd80: got 3 bytes after the prefix, want 2"},
		"long atomic":          {"\xfe\x83\x00\x00\x0b", "offset 0x0: opcode 0xfe03: got 2 bytes after the prefix, want 1"},
		"prefix cut":           {"\xfc", "offset 0x0: opcode after prefix 0xfc: cut short"},
		"br_table count":       {"\x0e\xff\xff\xff\xff\x0f\x00\x0b", "offset 0x1: opcode 0xe: length of a list: got 4294967295, want at most 2: 2 bytes are left"},
		"catch count":          {"\x1f\x40\x02\x02\x00\x0b", "offset 0x2: opcode 0x1f: length of a list: got 2, want at most 1: 3 bytes are left"},
		"catch clause":         {"\x1f\x40\x01\x04\x00\x00\x0b\x0b", "offset 0x2: opcode 0x1f: catch clause: got 0x4, want 0 to 3"},
		"select count":         {"\x1c\x03\x7f\x0b", "offset 0x1: opcode 0x1c: length of a list: got 3, want at most 2: 2 bytes are left"},
		"select type":          {"\x1c\x01\x40\x0b", "offset 0x1: opcode 0x1c: got 0x40, want a value type"},
		"block type":           {"\x02\x41\x0b\x0b", "offset 0x1: opcode 0x2: got 0x41, want a value type"},
		"long block type":      {"\x02\xff\x7f\x0b\x0b", "offset 0x1: opcode 0x2: got ff 7f, want a block type"},
		"heap type":            {"\xd0\x7f\x0b", "offset 0x1: opcode 0xd0: got 7f, want a heap type"},
		"long heap type":       {"\xd0\xf0\x7f\x0b", "offset 0x1: opcode 0xd0: got f0 7f, want a heap type"},
		"alignment":            {"\x28\x20\x00\x00\x0b", "offset 0x1: opcode 0x28: alignment: got 2**32, want at most 2**31"},
		"offset of 64 bits":    {"\x28\x00\x80\x80\x80\x80\x10\x0b", "offset 0x1: opcode 0x28: got 80 80 80 80 10, want an unsigned LEB128 number of 32 bits"},
		"alignment, any":       {"\x28\x80\x01\x00\x0b", "offset 0x1: opcode 0x28: alignment: got 2**128, want at most 2**31"},
		"memory index":         {"\x3f\x80\x00\x0b", "offset 0x1: opcode 0x3f: got 80 00, want 00"},
		"memory index cut":     {"\x3f", "offset 0x1: opcode 0x3f: cut short"},
		"fence":                {"\xfe\x03\x01\x0b", "offset 0x2: opcode 0xfe03: got 0x1, want 0"},
		"f64 cut":              {"\x44\x00\x00\x0b", "offset 0x1: opcode 0x44: cut short"},
		"shuffle cut":          {"\xfd\x0d0123456789abcde", "offset 0x2: opcode 0xfd0d: cut short"},
		"i32 unused bits":      {"\x41\xff\xff\xff\xff\x1f\x0b", "offset 0x1: opcode 0x41: got ff ff ff ff 1f, want a signed LEB128 number of 32 bits"},
		"i64 unused bits":      {"\x42\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01\x0b", "offset 0x1: opcode 0x42: got 80 80 80 80 80 80 80 80 80 01, want a signed LEB128 number of 64 bits"},
		"i64 too long":         {"\x42\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00\x0b", "offset 0x1: opcode 0x42: got 80 80 80 80 80 80 80 80 80 80, want a signed LEB128 number of 64 bits"},
		"immediate cut by end": {"\x41", "offset 0x1: opcode 0x41: cut short"},
		"type index of 33 bit": {"\x02\x80\x80\x80\x80\x10\x0b\x0b", "offset 0x1: opcode 0x2: got 80 80 80 80 10, want a signed LEB128 number of 33 bits"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := walk(c.code)
			require.EqualError(t, err, "wasmbin: "+c.want)
		})
	}
}

// TestOpcodes has the opcodes that do not exist, of all that there could be.
func TestOpcodes(t *testing.T) {
	unknown := func(prefix string) string {
		var all []string
		for op := range 256 {
			tail := string([]byte{byte(op)})
			if prefix != "" && op > 0x7f {
				tail += "\x01"
			}
			_, err := walk(prefix + tail)
			require.Equal(t, op == 0x0b && prefix == "", err == nil, "%#x", op)
			if err != nil && (strings.Contains(err.Error(), "unknown opcode") || strings.Contains(err.Error(), "unsupported")) {
				all = append(all, fmt.Sprintf("%02x", op))
			}
		}
		return strings.Join(all, " ")
	}
	last := func(s string, n int) string { return s[len(s)-n:] }
	plain := unknown("")
	require.Equal(t, "06 07 09 16 17 18 19 1d 1e 27 c5 c6 c7 c8 c9 ca cb cc cd ce cf d3 d7 d8 d9 da db dc dd de df e0", plain[:95])
	require.Equal(t, "fa fb ff", last(plain, 8))
	require.Equal(t, "12 13 14", unknown("\xfc")[:8])
	require.Equal(t, "9a a2 a5 a6 af b0 b2 b3 b4 bb c2 c5 c6 cf d0 d2 d3 d4 e2 ee", unknown("\xfd"))
	require.Equal(t, "04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 4f", unknown("\xfe")[:38])
}

func TestInstructionsStop(t *testing.T) {
	n := 0
	for range wasmbin.Instructions([]byte("\x01\x01\xff")) {
		if n++; n == 2 {
			break
		}
	}
	require.Equal(t, 2, n)
}

func TestInstructionsAllocateNothing(t *testing.T) {
	body := []byte(strings.Repeat("\x02\x40\x41\x05\x1a\x0b\xfd\x0c0123456789abcdef\x1a", 100) + "\x0b")
	n := 0
	require.Zero(t, testing.AllocsPerRun(10, func() {
		for _, err := range wasmbin.Instructions(body) {
			if err == nil {
				n++
			}
		}
	}))
	require.NotZero(t, n)
}

func BenchmarkInstructions(b *testing.B) {
	body := []byte(strings.Repeat("\x20\x00\x41\x05\x6a\x28\x02\x04\x21\x01", 1000) + "\x0b")
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		for _, err := range wasmbin.Instructions(body) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
