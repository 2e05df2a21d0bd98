package main

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// TestRepository is the check of the tree that this file is in.
func TestRepository(t *testing.T) {
	tree, err := load(os.DirFS("../.."))
	require.NoError(t, err)
	for _, f := range tree.check(rules) {
		t.Error(f)
	}
}

// sound is a small tree in which nothing is wrong and every rule has something to look at.
var sound = map[string]string{
	"go.mod":                 "module example.com/m\n",
	"README.md":              "",
	".github/x.go":           "not Go",
	"memview/doc.go":         "// Package memview is.\npackage memview\n",
	"memview/unsafe.go":      "package memview\nimport \"unsafe\"\nvar _ unsafe.Pointer\n",
	"memview/unsafe_safe.go": "//go:build safe\n\npackage memview\n",
	"memview/array.go": `package memview

import "fmt"

// Array is.
type Array struct {
	Data []byte // the data
	// Shape is.
	Shape []int
	fmt.Stringer
	hidden int
}

// Len is the length.
func (a *Array) Len() int { return 0 }

type small struct{ X int }

func (small) Exported() {}

// Kinds.
const (
	A = iota
	B
)

var C int // the third

// New is new.
func New[T any]() Array { return Array{} }
`,
	"memview/array_test.go": `package memview_test

import (
	"fmt"

	"example.com/m/memview"
	"example.com/m/testdata/wasm"
	"github.com/stretchr/testify/require"
)

func ExampleArray_Len() {
	fmt.Println(1)
	// Output: 1
}

func ExampleNew() {
	// Output:
}
`,
	"constraints/doc.go":                     "// Package constraints is.\npackage constraints\nimport _ \"example.com/m/memview\"\n",
	"loader/doc.go":                          "// Package loader is.\npackage loader\nimport _ \"example.com/m/loader/wasmbin\"\n",
	"loader/wasmbin/doc.go":                  "// Package wasmbin is.\npackage wasmbin\nimport _ \"io\"\n",
	"wasmffi/doc.go":                         "// Package wasmffi is.\npackage wasmffi\n",
	"wasmffi/module.go":                      "package wasmffi\nimport \"github.com/tetratelabs/wazero\"\nvar r wazero.Runtime\ntype module struct{ n int }\nfunc (*module) close() {}\n",
	"wasmffi/library.go":                     "package wasmffi\nimport _ \"golang.org/x/sync/errgroup\"\ntype library struct{ m *module }\nfunc (l *library) close() { l.m.close(); l.m.n++ }\n",
	"wasmffi/library_test.go":                "package wasmffi\nimport _ \"github.com/tetratelabs/wazero/api\"\n",
	"wasmffi/internal/linmem/linmem_unix.go": "// Package linmem is.\npackage linmem\nimport (\n_ \"golang.org/x/sys/unix\"\n_ \"unsafe\"\n)\ntype Undocumented int\n",
	"testdata/wasm/wasm.go":                  "// Package wasm is.\npackage wasm\nimport _ \"embed\"\n",
	"testdata/wasm/wasm_test.go":             "package wasm\nimport _ \"github.com/tetratelabs/wazero\"\n",
	"testdata/wasm/src/x.go":                 "package x; import \"C\"",
	"testdata/other/x.go":                    "not Go",
	"tools/cmd/main.go":                      "// Cmd is a command.\npackage main\nimport (\n_ \"example.com/m/wasmffi\"\n_ \"golang.org/x/tools\"\n)\nfunc Undocumented() {}\n",
	"tools/bench/go.mod":                     "module bench\n",
	"tools/bench/x.go":                       "package bench; import \"C\"",
	"memview/testdata/x.go":                  "not Go",
	"memview/_x.go":                          "not Go",
}

func with(changes map[string]string) fstest.MapFS {
	all := fstest.MapFS{}
	for _, m := range []map[string]string{sound, changes} {
		for name, text := range m {
			all[name] = &fstest.MapFile{Data: []byte(text)}
			if text == "deleted" {
				delete(all, name)
			}
		}
	}
	return all
}

func checked(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	tree, err := load(fsys)
	require.NoError(t, err)
	var lines []string
	for _, f := range tree.check(rules) {
		lines = append(lines, f.String())
	}
	return lines
}

// breach is a change to the sound tree and the beginnings of the lines that it makes the check report, all of them.
type breach struct {
	change map[string]string
	want   []string
}

// cases break one rule each, or come close.
var cases = map[string]breach{
	"syntax": {map[string]string{"memview/x.go": "package memview\n\nfunc {"},
		[]string{"memview/x.go:3: parse: expected"}},
	"two packages": {map[string]string{"testdata/wasm/x.go": "package other\n"},
		[]string{"testdata/wasm/x.go:1: parse: package other in the folder of package wasm"}},
	"ignored main": {map[string]string{"testdata/wasm/x.go": "//go:build ignore\n\npackage main\n"}, nil},

	"new folder":       {map[string]string{"util/x.txt": ""}, []string{"util: top: not one of the names at the top"}},
	"new file":         {map[string]string{"NOTES.md": ""}, []string{"NOTES.md: top: "}},
	"package at top":   {map[string]string{"x.go": "// Package m is.\npackage m\n"}, []string{"x.go: top: ", "x.go:2: arrow: folder . has no row"}},
	"dot-names at top": {map[string]string{".gitignore": "", ".x/y.go": "package"}, nil},

	"memview imports loader": {map[string]string{"memview/x.go": "package memview\nimport _ \"example.com/m/loader\"\n"},
		[]string{"memview/x.go:2: arrow: imports loader, want the standard library, memview/..."}},
	"memview imports its own":            {map[string]string{"memview/x.go": "package memview\nimport _ \"example.com/m/memview/internal/y\"\n"}, nil},
	"memview imports a neighbour's name": {map[string]string{"memview/x.go": "package memview\nimport _ \"example.com/m/memviewer\"\n"}, []string{"memview/x.go:2: arrow: imports memviewer"}},
	"constraints imports memview/npy":    {map[string]string{"constraints/x.go": "package constraints\nimport _ \"example.com/m/memview/npy\"\n"}, []string{"constraints/x.go:2: arrow: imports memview/npy"}},
	"wasmbin imports loader":             {map[string]string{"loader/wasmbin/x.go": "package wasmbin\nimport _ \"example.com/m/loader\"\n"}, []string{"loader/wasmbin/x.go:2: arrow: imports loader"}},
	"wasmbin imports third parties":      {map[string]string{"loader/wasmbin/x.go": "package wasmbin\nimport _ \"golang.org/x/sys/unix\"\n"}, []string{"loader/wasmbin/x.go:2: arrow: imports golang.org/x/sys/unix"}},
	"linmem imports wasmffi":             {map[string]string{"wasmffi/internal/linmem/x.go": "package linmem\nimport _ \"example.com/m/wasmffi\"\n"}, []string{"wasmffi/internal/linmem/x.go:2: arrow: imports wasmffi"}},
	"linmem imports wazero":              {map[string]string{"wasmffi/internal/linmem/x.go": "package linmem\nimport _ \"github.com/tetratelabs/wazero\"\n"}, []string{"wasmffi/internal/linmem/x.go:2: arrow: imports github.com/tetratelabs/wazero"}},
	"hostmod imports wazero":             {map[string]string{"wasmffi/internal/hostmod/x.go": "// Package hostmod is.\npackage hostmod\nimport _ \"github.com/tetratelabs/wazero\"\n"}, nil},
	"wasmffi imports the tools":          {map[string]string{"wasmffi/doc.go": "// Package wasmffi is.\npackage wasmffi\nimport _ \"example.com/m/tools/cmd\"\n"}, []string{"wasmffi/doc.go:3: arrow: imports tools/cmd"}},
	"testify outside tests":              {map[string]string{"wasmffi/doc.go": "// Package wasmffi is.\npackage wasmffi\nimport _ \"github.com/stretchr/testify/require\"\n"}, []string{"wasmffi/doc.go:3: arrow: imports github.com/stretchr/testify/require"}},
	"fixtures outside tests":             {map[string]string{"memview/x.go": "package memview\nimport _ \"example.com/m/testdata/wasm\"\n"}, []string{"memview/x.go:2: arrow: imports testdata/wasm"}},
	"hostile guests import an engine":    {map[string]string{"testdata/wasm/hostile/x.go": "// Package hostile is.\npackage hostile\nimport (\n_ \"example.com/m/loader/wasmbin\"\n_ \"example.com/m/wasmffi\"\n)\n"}, []string{"testdata/wasm/hostile/x.go:5: arrow: imports wasmffi"}},
	"hostile guests elsewhere":           {map[string]string{"loader/x_test.go": "package loader\nimport _ \"example.com/m/testdata/wasm/hostile\"\n"}, []string{"loader/x_test.go:2: arrow: imports testdata/wasm/hostile"}},
	"test against an arrow":              {map[string]string{"memview/x_test.go": "package memview\nimport _ \"example.com/m/constraints\"\n"}, []string{"memview/x_test.go:2: arrow: imports constraints"}},
	"cgo":                                {map[string]string{"tools/cmd/x.go": "package main\nimport \"C\"\n"}, []string{"tools/cmd/x.go:2: arrow: cgo"}},
	"the module itself":                  {map[string]string{"memview/x.go": "package memview\nimport _ \"example.com/m\"\n"}, []string{"memview/x.go:2: arrow: imports example.com/m"}},
	"a nested module is free":            {map[string]string{"memview/n/go.mod": "module n", "memview/n/x.go": "package n\nimport \"C\""}, nil},

	"wazero in tools":         {map[string]string{"tools/cmd/x.go": "package main\nimport _ \"github.com/tetratelabs/wazero/api\"\n"}, []string{"tools/cmd/x.go:2: wazero: imports github.com/tetratelabs/wazero/api, want that in wasmffi/... only"}},
	"wazero in a tool's test": {map[string]string{"tools/cmd/x_test.go": "package main\nimport _ \"github.com/tetratelabs/wazero\"\n"}, []string{"tools/cmd/x_test.go:2: wazero: imports"}},
	"wazero in the fixtures":  {map[string]string{"testdata/wasm/x.go": "package wasm\nimport _ \"github.com/tetratelabs/wazero\"\n"}, []string{"testdata/wasm/x.go:2: arrow: ", "testdata/wasm/x.go:2: wazero: "}},

	"unsafe elsewhere": {map[string]string{"wasmffi/doc.go": "// Package wasmffi is.\npackage wasmffi\nimport _ \"unsafe\"\n"}, []string{"wasmffi/doc.go:3: unsafe: imports unsafe, want"}},
	"unsafe in a test": {map[string]string{"memview/unsafe_test.go": "package memview\nimport _ \"unsafe\"\n"}, []string{"memview/unsafe_test.go:2: unsafe: "}},
	"unsafe twice":     {map[string]string{"memview/unsafe_safe.go": "package memview\nimport _ \"unsafe\"\n"}, []string{"memview/unsafe_safe.go:2: unsafe: imports unsafe, as memview/unsafe.go does: want one file"}},
	"unsafe below":     {map[string]string{"memview/internal/x/unsafe.go": "// Package x is.\npackage x\nimport _ \"unsafe\"\n"}, []string{"memview/internal/x/unsafe.go:3: unsafe: "}},

	"no doc.go":         {map[string]string{"wasmffi/doc.go": "deleted"}, []string{"wasmffi/library.go:1: doc: package wasmffi has no documentation in doc.go"}},
	"package doc twice": {map[string]string{"memview/x.go": "// Package memview too.\npackage memview\n"}, []string{"memview/x.go:1: doc: package documentation, want that in doc.go"}},
	"command without":   {map[string]string{"tools/cmd/main.go": "package main\n"}, []string{"tools/cmd/main.go:1: doc: package main has no documentation"}},
	"only a directive":  {map[string]string{"testdata/wasm/wasm.go": "//go:generate x\npackage wasm\n"}, []string{"testdata/wasm/wasm.go:2: doc: "}},
	"undocumented": {map[string]string{"testdata/wasm/x.go": undocumented}, []string{
		"testdata/wasm/x.go:3: doc: type T has no documentation",
		"testdata/wasm/x.go:4: doc: T.X has no documentation",
		"testdata/wasm/x.go:4: doc: T.Z has no documentation",
		"testdata/wasm/x.go:8: doc: type I has no documentation",
		"testdata/wasm/x.go:9: doc: I.M has no documentation",
		"testdata/wasm/x.go:12: doc: const C has no documentation, nor has its group",
		"testdata/wasm/x.go:13: doc: var V has no documentation",
		"testdata/wasm/x.go:14: doc: func F has no documentation",
		"testdata/wasm/x.go:15: doc: func T.M has no documentation",
		`testdata/wasm/x.go:17: doc: documentation of func G begins with "Does", want its name`,
		"testdata/wasm/x.go:19: doc: type L has no documentation",
		`testdata/wasm/x.go:22: doc: documentation of func L.Q begins with "The", want its name`,
	}},

	"no example":             {map[string]string{"loader/x.go": "package loader\n\n// F is.\nfunc F() {}\n\n// T is.\ntype T int\n\n// M is.\nfunc (T) M() {}\n"}, []string{"loader/x.go:4: example: no ExampleF in the tests of loader", "loader/x.go:7: example: no ExampleT "}},
	"example of a namesake":  {map[string]string{"loader/x.go": "package loader\n\n// F is.\nfunc F() {}\n", "loader/x_test.go": "package loader_test\nfunc ExampleFind() {\n// Output:\n}\n"}, []string{"loader/x.go:4: example: no ExampleF "}},
	"example without output": {map[string]string{"memview/x_test.go": "package memview\nfunc ExampleArray() {\n}\n"}, []string{"memview/x_test.go:2: example: ExampleArray has no Output"}},
	"example with suffix":    {map[string]string{"loader/x.go": "package loader\n\n// F is.\nfunc F() {}\n\n// A is.\ntype A = int\n", "loader/x_test.go": "package loader_test\nfunc ExampleF_some() {\n// Unordered output:\n}\n"}, nil},

	"a long file":   {map[string]string{"loader/x.go": "package loader\n" + strings.Repeat("\n", 400)}, []string{"loader/x.go:401: size: 401 lines, want at most 400"}},
	"a full file":   {map[string]string{"loader/x.go": "package loader\n" + strings.Repeat("\n", 399)}, nil},
	"a long test":   {map[string]string{"loader/x_test.go": "package loader\n" + strings.Repeat("\n", 4000)}, nil},
	"a long essay":  {map[string]string{"loader/doc.go": strings.Repeat("// x\n", 80) + "package loader\n"}, []string{"loader/doc.go:81: size: 81 lines, want at most 80"}},
	"a long excuse": {map[string]string{"loader/excused.go": "package loader\n" + strings.Repeat("\n", 400)}, nil},

	"no floor": {map[string]string{"wasmffi/x.go": "package wasmffi\n"}, []string{"wasmffi/x.go:1: floor: no floor: give it one"}},
	"the floor of a platform": {map[string]string{"wasmffi/alloc_unix.go": "package wasmffi\nfunc f() {}\n", "wasmffi/alloc_windows.go": "package wasmffi\nfunc f() { var l *library }\n"},
		[]string{"wasmffi/alloc_windows.go:2: floor: floor 2 names library of library.go, floor 3"}},
	"names above": {map[string]string{"wasmffi/call.go": callGo, "wasmffi/stop.go": stopGo}, []string{
		"wasmffi/stop.go:10: floor: floor 2 names library of library.go, floor 3",
		"wasmffi/stop.go:11: floor: floor 2 names close of library.go, floor 3",
		"wasmffi/stop.go:12: floor: floor 2 names m of library.go, floor 3",
		"wasmffi/stop.go:13: floor: floor 2 names call of call.go, floor 5",
		"wasmffi/stop.go:14: floor: floor 2 names limit of call.go, floor 5",
		"wasmffi/stop.go:15: floor: floor 2 names library of library.go, floor 3",
		"wasmffi/stop.go:16: floor: floor 2 names library of library.go, floor 3",
		"wasmffi/stop.go:17: floor: floor 2 names call of call.go, floor 5",
		"wasmffi/stop.go:18: floor: floor 2 names call of call.go, floor 5",
		"wasmffi/stop.go:19: floor: floor 2 names field of call.go, floor 5",
		"wasmffi/stop.go:19: floor: floor 2 names generic of call.go, floor 5",
	}},
	"names the same floor": {map[string]string{"wasmffi/stage.go": "package wasmffi\nfunc g(l *library) { l.close() }\n"}, nil},
	"a test may":           {map[string]string{"wasmffi/module_test.go": "package wasmffi\nvar _ library\n"}, nil},
	"no wasmffi":           {map[string]string{"wasmffi/doc.go": "deleted", "wasmffi/module.go": "deleted", "wasmffi/library.go": "deleted", "wasmffi/library_test.go": "deleted"}, nil},
}

const undocumented = `package wasm

type T struct {
	X, y, Z int

	I
}
type I interface {
	M()
}

const C = 1
var V, w int
func F() {}
func (*T) M() {}
// Does things.
func G() {}
type (
	L[P any] []P
)
// The queue.
func (L[P]) Q() {}
func (hidden) X() {}
type hidden struct{ X int }
func (L[P]) q() {}
`

const callGo = `package wasmffi

const limit = 1

func call() int { return limit }

type generic[T any] struct{ field T }
`

// Lines 5 to 8 hide names of above and are in order.
const stopGo = `package wasmffi

import ("sync"; "github.com/tetratelabs/wazero")
func fine() {
	call := 1; _ = call
	type library int; var _ library
	type s struct{ limit int }; _ = s{limit: 1}.limit; wazero.limit()
	limit: for { break limit }
}
func a(l *library) {
	l.close()
	_ = l.m
	_ = func() int { return call() }
	_ = [limit]int{}
	_ = new(sync.Pool).Get().(*library)
	_ = wazero.Get().(*library)
	wazero.Do(func() { call() })
	_ = wazero.Config{X: call()}
	_ = generic[int]{}.field
}
`

// excuse gives the trees of tests their own exceptions.
func excuse(t *testing.T, files map[string]string) {
	t.Helper()
	own := longFiles
	longFiles = files
	t.Cleanup(func() { longFiles = own })
}

func TestRules(t *testing.T) {
	excuse(t, map[string]string{"loader/excused.go": "for a test"})
	stale := "loader/excused.go: size: has a row in the table longFiles and needs none"

	require.Equal(t, []string{stale}, checked(t, with(nil)))
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := checked(t, with(c.change))
			if _, excused := c.change["loader/excused.go"]; !excused {
				require.Contains(t, got, stale)
				got = slices.DeleteFunc(got, func(s string) bool { return s == stale })
			}
			require.Len(t, got, len(c.want), "%s", strings.Join(got, "\n"))
			for i, want := range c.want {
				require.True(t, strings.HasPrefix(got[i], want), "got  %s\nwant %s", got[i], want)
			}
		})
	}
}

// A rule that no case breaks may be one that cannot be broken.
func TestRulesCanFail(t *testing.T) {
	for _, r := range rules {
		broken := slices.ContainsFunc(slices.Collect(maps.Values(cases)), func(c breach) bool {
			return slices.ContainsFunc(c.want, func(s string) bool { return strings.Contains(s, ": "+r.name+": ") })
		})
		require.True(t, broken, r.name)
		require.NotEmpty(t, r.says)
	}
}

// Rows of the table of arrows name rows above them, so that what it allows has no cycle.
func TestArrowsRunOneWay(t *testing.T) {
	for i, row := range arrows {
		for _, may := range row.may {
			if first, _, _ := strings.Cut(may, "/"); may == "..." || strings.Contains(first, ".") {
				continue
			}
			above := slices.ContainsFunc(arrows[:i], func(a arrow) bool {
				return a.from == may || matches(a.from, strings.TrimSuffix(may, "/..."))
			})
			require.True(t, above, "%s may import %s, which is not above it", row.from, may)
		}
	}
}

func TestLoad(t *testing.T) {
	_, err := load(fstest.MapFS{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = load(fstest.MapFS{"go.mod": {Data: []byte("go 1.25\n")}})
	require.EqualError(t, err, "go.mod: no module line")
}

func TestRun(t *testing.T) {
	excuse(t, nil)
	dir := t.TempDir()
	for name, f := range with(nil) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
		require.NoError(t, os.WriteFile(file, f.Data, 0o666))
	}
	var out, err bytes.Buffer
	require.Zero(t, run([]string{dir}, &out, &err))
	require.Equal(t, "ok: 8 packages, 16 files, 9 rules\n", out.String())
	require.Empty(t, err.String())

	require.NoError(t, os.Mkdir(path.Join(dir, "util"), 0o777))
	out.Reset()
	require.Equal(t, 1, run([]string{dir}, &out, &err))
	require.True(t, strings.HasPrefix(out.String(), "util: top: not one of the names at the top: go.mod "), out.String())
	require.Equal(t, "check: 1 violations in 8 packages, 16 files\n", err.String())

	err.Reset()
	require.Equal(t, 2, run([]string{t.TempDir()}, &out, &err))
	require.Contains(t, err.String(), "run it from the root")
	require.Equal(t, 2, run([]string{"a", "b"}, &out, &err))
	require.Contains(t, err.String(), "usage: ")
	require.Equal(t, 2, run(nil, &out, &err), "this folder is not the root")
}
