package wasmbin_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
)

const header = "\x00asm\x01\x00\x00\x00"

// sec is a section in its shortest form.
func sec(id byte, content string) string {
	return string(binary.AppendUvarint([]byte{id}, uint64(len(content)))) + content
}

// module has the sections given.
func module(sections ...string) []byte { return []byte(header + strings.Join(sections, "")) }

func decode(t testing.TB, b []byte) *wasmbin.Module {
	t.Helper()
	m, err := wasmbin.Decode(b)
	require.NoError(t, err)
	return m
}

// code is a module with one function of type () -> () and the instructions given, end included.
func code(instructions string) []byte {
	body := "\x00" + instructions
	return module(sec(1, "\x01\x60\x00\x00"), sec(3, "\x01\x00"),
		sec(10, "\x01"+string(binary.AppendUvarint(nil, uint64(len(body))))+body))
}

// full has one of everything.
func full() []byte {
	return module(
		sec(0, "\x05first\xff\x00"),
		sec(1, "\x03"+"\x60\x02\x7f\x7b\x02\x7e\x70"+"\x60\x00\x00"+"\x4e\x02\x60\x01\x63\x03\x00\x60\x01\x64\x70\x00"),
		sec(2, "\x05"+"\x01m\x01f\x00\x01"+"\x01m\x01t\x01\x6f\x01\x02\x80\x01"+"\x01m\x01m\x02\x03\x01\x02"+
			"\x01m\x01g\x03\x7f\x01"+"\x01m\x01e\x04\x00\x01"),
		sec(3, "\x02\x01\x00"),
		sec(4, "\x02"+"\x70\x00\x05"+"\x40\x00\x64\x70\x01\x01\x02\xd2\x00\x0b"),
		sec(5, "\x01\x00\x01"),
		sec(13, "\x01\x00\x01"),
		sec(6, "\x02"+"\x7f\x00\x41\x7f\x0b"+"\x7b\x01\xfd\x0c0123456789abcdef\x0b"),
		sec(7, "\x05"+"\x01f\x00\x01"+"\x01t\x01\x00"+"\x01m\x02\x00"+"\x01g\x03\x01"+"\x01e\x04\x00"),
		sec(8, "\x00"),
		sec(9, "\x08"+"\x00\x41\x00\x0b\x01\x00"+"\x01\x00\x02\x00\x01"+"\x02\x01\x23\x00\x0b\x00\x00"+"\x03\x00\x01\x02"+
			"\x04\x41\x00\x0b\x01\xd0\x70\x0b"+"\x05\x6f\x01\xd0\x6f\x0b"+"\x06\x00\x41\x00\x0b\x6f\x00"+"\x07\x63\x00\x00"),
		sec(12, "\x03"),
		sec(10, "\x02"+"\x02\x00\x0b"+"\x0a\x02\x03\x7f\x01\x64\x00\x42\x00\x1a\x0b"),
		sec(11, "\x03"+"\x00\x41\x01\x0b\x02hi"+"\x01\x03abc"+"\x02\x00\x41\x00\x41\x01\x6a\x0b\x00"),
		sec(0, "\x04name\x00\x02\x01x"),
	)
}
