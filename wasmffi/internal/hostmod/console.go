package hostmod

import (
	"io"

	"github.com/tetratelabs/wazero/api"
)

// consoleTable is what prints without a file.
var consoleTable = map[string][]variant{
	"emscripten_console_log":   {{"i:", printLine(stdout)}},
	"emscripten_console_warn":  {{"i:", printLine(stderr)}},
	"emscripten_console_error": {{"i:", printLine(stderr)}},
	"emscripten_console_trace": {{"i:", printLine(stderr)}},
	"emscripten_out":           {{"i:", printLine(stdout)}},
	"emscripten_err":           {{"i:", printLine(stderr)}},
	"emscripten_dbg":           {{"i:", printLine(stderr)}},
	"emscripten_outn":          {{"ii:", printCounted(stdout)}},
	"emscripten_errn":          {{"ii:", printCounted(stderr)}},
	"emscripten_dbgn":          {{"ii:", printCounted(stderr)}},
}

// maxLine bounds a line that is printed, in bytes.
const maxLine = 64 << 10

func stdout(e *Env) io.Writer { return e.Stdout }
func stderr(e *Env) io.Writer { return e.Stderr }

// printLine prints a string of C, which is cut after maxLine bytes.
func printLine(to func(*Env) io.Writer) function {
	return func(c call, stack []uint64) {
		p := api.DecodeU32(stack[0])
		c.must("console", p, 1)
		s, whole := c.cstring(p, maxLine)
		if !whole {
			s += "..."
		}
		write(to(c.env), s+"\n")
	}
}

// printCounted prints so many bytes.
func printCounted(to func(*Env) io.Writer) function {
	return func(c call, stack []uint64) {
		b := c.must("console", api.DecodeU32(stack[0]), api.DecodeU32(stack[1]))
		more := ""
		if len(b) > maxLine {
			b, more = b[:maxLine], "..."
		}
		write(to(c.env), string(b)+more+"\n")
	}
}
