package hostmod

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tetratelabs/wazero/api"
)

// scriptTable is what AssemblyScript imports, from env or from the objects of JavaScript.
var scriptTable = map[string][]variant{
	"env.abort":       {{"iiii:", scriptAbort}},
	"env.trace":       {{"iiddddd:", scriptTrace}},
	"env.seed":        {{":d", scriptSeed}},
	"Date.now":        {{":d", dateNow}},
	"performance.now": {{":d", milliseconds}},
	"console.log":     {{"i:", scriptPrint}},
	"console.info":    {{"i:", scriptPrint}},
	"console.debug":   {{"i:", scriptPrint}},
	"console.warn":    {{"i:", scriptPrint}},
	"console.error":   {{"i:", scriptPrint}},
}

func findAssemblyScript(im *Import, types string) (supply, bool) {
	if im.Meaning != "" {
		return supply{}, false
	}
	name := im.Module + "." + im.Name
	if im.Module == "env" && strings.Contains(im.Name, ".") {
		name = im.Name
	}
	fn, ok := pick(scriptTable[name], types)
	return supply{family: AssemblyScript, fn: fn}, ok
}

// script is a string for the text of an error.
func (c call) script(p uint32) string {
	switch s, ok := c.utf16(p, maxText); {
	case p == 0:
		return "null"
	case !ok:
		return "a string outside of the memory"
	default:
		return printable(s)
	}
}

// scriptAbort tells the message and the place.
func scriptAbort(c call, stack []uint64) {
	text := c.script(api.DecodeU32(stack[0]))
	if file := api.DecodeU32(stack[1]); file != 0 {
		text += fmt.Sprintf(", at %s:%d:%d", c.script(file), api.DecodeU32(stack[2]), api.DecodeU32(stack[3]))
	}
	panic(&Abort{"abort", text})
}

// scriptTrace prints a message and as many of five numbers as the guest says.
func scriptTrace(c call, stack []uint64) {
	words := []string{"trace:", c.script(api.DecodeU32(stack[0]))}
	for _, x := range stack[2 : 2+min(api.DecodeU32(stack[1]), 5)] {
		words = append(words, strconv.FormatFloat(api.DecodeF64(x), 'g', -1, 64))
	}
	write(c.env.Stderr, strings.Join(words, " ")+"\n")
}

func scriptSeed(c call, stack []uint64) {
	stack[0] = api.EncodeF64(float64(c.env.rand().Int63()))
}

// scriptPrint prints a string as a line. All of the console goes where the log goes.
func scriptPrint(c call, stack []uint64) {
	s, ok := c.utf16(api.DecodeU32(stack[0]), maxLine)
	if !ok {
		panic(&Abort{"console", "string is outside of the memory"})
	}
	write(c.env.Stdout, s+"\n")
}
