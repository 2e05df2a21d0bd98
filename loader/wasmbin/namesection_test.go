package wasmbin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader/wasmbin"
)

func TestDropUnsoundNames(t *testing.T) {
	custom := func(content string) string { return sec(0, "\x04name"+content) }
	for name, c := range map[string]struct {
		content string
		sound   bool
	}{
		"nothing":                    {"", true},
		"module":                     {"\x00\x03\x02ab", true},
		"functions":                  {"\x01\x08\x02\x00\x01f\x01\x02gh", true},
		"locals":                     {"\x02\x06\x01\x00\x01\x00\x01x", true},
		"unknown":                    {"\x09\x03abc\x00\x02\x01m", true},
		"no size":                    {"\x00", false},
		"size too large":             {"\x00\x05\x02ab", false},
		"size too small":             {"\x00\x02\x02ab", false},
		"size too large for content": {"\x00\x04\x02abc", false},
		"4 G functions":              {"\x01\x05\xff\xff\xff\xff\x0f", false},
		"200 M functions":            {"\x01\x28\xb2\xb2\xb2t" + strings.Repeat("\x00", 36), false},
		"4 G locals":                 {"\x02\x07\x01\x00\xff\xff\xff\xff\x0f", false},
		"4 G functions with locals":  {"\x02\x05\xff\xff\xff\xff\x0f", false},
		"name of 4 GiB":              {"\x00\x05\xff\xff\xff\xff\x0f", false},
		"no UTF-8":                   {"\x00\x02\x01\xff", false},
		"long number":                {"\x00\x82\x80\x80\x80\x80\x00\x01a", false},
	} {
		m := decode(t, module(custom(c.content), sec(0, "\x01x")))
		require.Equal(t, map[bool]int{true: 0, false: 1}[c.sound], m.DropUnsoundNames(), name)
		require.Len(t, decode(t, m.Encode()).Customs, map[bool]int{true: 2, false: 1}[c.sound], name)
	}
	m := decode(t, module(custom("\x00\x02\x01a"), custom("\x00\x02\x01b")))
	require.Equal(t, 1, m.DropUnsoundNames())
	require.Equal(t, "\x00\x02\x01a", string(m.Customs[0].Data))
}

// A section that says it has 200 million names, and has none.
func ExampleModule_DropUnsoundNames() {
	m, err := wasmbin.Decode([]byte("\x00asm\x01\x00\x00\x00\x00\x0b\x04name\x01\x04\xb2\xb2\xb2\x74"))
	fmt.Println(err, m.DropUnsoundNames(), len(m.Customs))
	// Output: <nil> 1 0
}
