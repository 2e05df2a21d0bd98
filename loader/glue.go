package loader

import (
	"slices"
	"strings"
)

// binding is an assignment in JavaScript of a property of an object to a C function, as in _malloc=wasmExports["s"].
type binding struct{ name, object, key string }

// literal is an object literal in JavaScript of keys and identifiers alone, as in wasmImports={a:_abort,b:_exit}, or the
// beginning of one.
type literal struct {
	name   string // of the variable that it is assigned to; empty: none
	module string // the key of the literal around it; empty: none
	pairs  [][2]string
}

// glue is what one pass over JavaScript finds.
type glue struct {
	scanner
	pending  []string // targets of a chain of assignments, which goes on with the = at chain
	chain    int
	bindings []binding
	calls    map[string][]string // object -> its properties that are called without arguments
	passed   map[string][]string // object -> its properties that are the one argument of a call
	literals []literal
	read     int // up to where literals were read: one is not read twice
}

// glueNames takes the names out of the JavaScript that emscripten writes. It does not parse JavaScript, which minifiers
// rewrite and users edit: it looks at assignments and literals by themselves.
func glueNames(js string) (n *Names, ok bool) {
	g := glue{scanner: scanner{js}, chain: -1, calls: map[string][]string{}, passed: map[string][]string{}}
	for i := 0; i < len(js); i++ {
		switch c := js[i]; {
		case c == '=':
			g.assignment(i)
		case c == '{':
			g.literal(i)
		case isWord(c) && (i == 0 || !isWord(js[i-1]) && js[i-1] != '.'):
			g.use(i)
		}
	}
	n = &Names{Exports: map[string]string{}, Imports: map[string]string{}}
	exports := g.exports(n)
	imports := g.imports(n)
	return n, exports || imports
}

// assignment looks at the = at i.
func (g *glue) assignment(i int) {
	if !g.assigns(i) {
		return
	}
	name := g.targetBefore(i)
	if name == "" {
		return
	}
	if g.chain != i {
		g.pending = g.pending[:0]
	}
	const longest = 8 // of a chain; more are dropped
	if len(g.pending) < longest {
		g.pending = append(g.pending, name)
	}
	path, end := g.path(g.skipOpen(i + 1))
	if path == nil {
		return
	}
	next := g.skipSpace(end)
	switch {
	case g.assigns(next):
		g.chain = next
	case len(path) > 1 && !strings.ContainsRune("([.+-*/%&|^?<>=!`", rune(g.at(next))):
		for _, name := range g.pending {
			if c := cExport(name); c != "" {
				g.bindings = append(g.bindings, binding{c, objectName(path), path[len(path)-1]})
			}
		}
	}
}

// use looks at a path such as wasmExports["g"] that begins at i: whether it is called, or passed alone.
func (g *glue) use(i int) {
	path, end := g.path(i)
	if len(path) < 2 {
		return
	}
	object, key := objectName(path), path[len(path)-1]
	const most = 16 // of an object
	switch {
	case g.at(end) == '(' && g.at(end+1) == ')':
		if len(g.calls[object]) < most {
			g.calls[object] = append(g.calls[object], key)
		}
	case g.at(end) == ')' && g.at(i-1) == '(' && isWord(g.at(i-2)):
		if len(g.passed[object]) < most {
			g.passed[object] = append(g.passed[object], key)
		}
	}
}

// objectName is all of a path but its last element. What emscripten calls the exports of the instance is one object: asm,
// Module["asm"] or wasmExports.
func objectName(path []string) string {
	object := path[:len(path)-1]
	if last := object[len(object)-1]; last == "asm" || last == "wasmExports" {
		return "wasmExports"
	}
	return strings.Join(object, ".")
}

// exports takes the bindings of the object that most names are bound to, and finds the constructor.
func (g *glue) exports(n *Names) bool {
	const short = 3 // names of fewer letters may be a minifier's
	votes := map[string]int{}
	best := ""
	for _, b := range g.bindings {
		if len(b.name) < short {
			continue
		}
		if votes[b.object]++; votes[b.object] > votes[best] {
			best = b.object
		}
	}
	if best == "" {
		return false
	}
	taken := map[string]bool{}
	for _, b := range g.bindings {
		if _, ok := n.Exports[b.name]; b.object != best || ok {
			continue
		}
		taken[b.key] = true
		if b.key != b.name {
			n.Exports[b.name] = b.key
		}
	}
	// A module that was not minified exports the constructor by its name.
	if _, ok := n.Exports[ctorsName]; !ok && !taken[ctorsName] {
		const longest = 3 // of a minified name: other properties of an object of the same name are longer as a rule
		for _, key := range append(g.calls[best], g.passed[best]...) {
			if len(key) <= longest && !taken[key] {
				n.Exports[ctorsName] = key
				break
			}
		}
	}
	return true
}

// imports takes the literals whose values are C functions, under the module name that another literal puts them.
func (g *glue) imports(n *Names) bool {
	found := false
	where := map[string][]int{} // name -> literals that are assigned to it and hold C functions
	for k, l := range g.literals {
		if !l.isImports() {
			continue
		}
		found = true
		if l.name != "" {
			where[l.name] = append(where[l.name], k)
		}
		if l.module != "" {
			l.addTo(n, l.module)
		}
	}
	const most = 4 // modules that have the same imports: a, or env and WASI
	bound := map[int]int{}
	for k, l := range g.literals {
		for _, p := range l.pairs {
			if v := nearest(where[p[1]], k); v >= 0 && v != k && bound[v] < most {
				bound[v]++
				g.literals[v].addTo(n, p[0])
			}
		}
	}
	for k, l := range g.literals {
		if len(where[l.name]) == 1 && where[l.name][0] == k && bound[k] == 0 && l.module == "" {
			l.addTo(n, "a") // as emscripten calls it where names are minified
		}
	}
	return found
}

// nearest is the element of an ascending list that is nearest to k; -1: none. Minifiers use a name for several variables.
func nearest(list []int, k int) int {
	after, _ := slices.BinarySearch(list, k)
	switch {
	case len(list) == 0:
		return -1
	case after == len(list) || after > 0 && k-list[after-1] < list[after]-k:
		return list[after-1]
	}
	return list[after]
}

// isImports is whether most values are C functions.
func (l *literal) isImports() bool {
	known := 0
	for _, p := range l.pairs {
		if cImport(p[1]) != "" {
			known++
		}
	}
	return known > 0 && 2*known >= len(l.pairs)
}

// addTo adds the imports of a module. What is there already stays.
func (l *literal) addTo(n *Names, module string) {
	for _, p := range l.pairs {
		c, key := cImport(p[1]), module+"."+p[0]
		if _, ok := n.Imports[key]; !ok && c != "" && c != p[0] {
			n.Imports[key] = c
		}
	}
}

// plainNames are C names that emscripten's JavaScript writes without an underscore in front, and its own names for what has
// another in C.
var plainNames = map[string]string{
	"stackSave": "stackSave", "stackRestore": "stackRestore", "stackAlloc": "stackAlloc", "setThrew": "setThrew",
	"setTempRet0": "setTempRet0", "getTempRet0": "getTempRet0", "abort": "abort",
	"wasmMemory": "memory", "memory": "memory", "wasmTable": "__indirect_function_table", "__indirect_function_table": "__indirect_function_table",
}

// cExport is the C name of a function that is assigned to a variable or property; empty: none.
func cExport(name string) string {
	if c := plainNames[name]; c != "" {
		return c
	}
	if strings.HasPrefix(name, "dynCall_") {
		return name
	}
	c, _ := strings.CutPrefix(name, "_")
	if c == name {
		return ""
	}
	return c
}

// cImport is the C name of a function among imports; empty: none.
func cImport(value string) string {
	if strings.HasPrefix(value, "invoke_") {
		return value
	}
	if c := cExport(value); c == value || len(c) > 1 {
		return c
	}
	return ""
}
