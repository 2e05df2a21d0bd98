package main

// What the rules allow. Paths are slash-separated and relative to the root; "x/..." is x and everything below it.

const (
	wazero  = "github.com/tetratelabs/wazero/..."
	testify = "github.com/stretchr/testify/..."
	xsys    = "golang.org/x/sys/..."
	xsync   = "golang.org/x/sync/..."
)

// arrow says what packages may import beside the standard library and their own row.
type arrow struct {
	from string
	may  []string
}

// arrows are all arrows there are, bottom up: a row names only rows above it. The first row that matches a folder holds.
var arrows = []arrow{
	{"memview/...", nil},
	{"constraints/...", []string{"memview"}},
	{"loader/wasmbin/...", nil},
	{"loader/...", []string{"loader/wasmbin"}},
	{"testdata/wasm", nil},
	{"testdata/wasm/hostile", []string{"loader/wasmbin"}},
	{"wasmffi/internal/linmem/...", []string{"memview", xsys}},
	{"wasmffi/internal/...", []string{"memview", "constraints", "loader/...", "wasmffi/internal/linmem", wazero, xsys, xsync}},
	{"wasmffi", []string{"memview/...", "constraints", "loader/...", "wasmffi/internal/...", wazero, xsys, xsync}},
	{"tools/...", []string{"..."}},
}

// testArrows are added for test files; here all rows that match hold.
var testArrows = []arrow{
	{"...", []string{"testdata/wasm", testify}},
	{"testdata/wasm/...", []string{wazero}},
	{"wasmffi", []string{"testdata/wasm/hostile"}},
}

// engineFolders may name wazero; engineTests may in test files.
var (
	engineFolders = []string{"wasmffi/..."}
	engineTests   = []string{"wasmffi/...", "testdata/wasm/..."}
)

// Files that may import unsafe. Of those in unsafeOne (a path.Match pattern: the file and its safe twins) one does.
const (
	unsafeOne    = "memview/unsafe*.go"
	unsafeFolder = "wasmffi/internal/linmem"
)

// public packages have their package documentation in doc.go.
var public = []string{"memview", "memview/npy", "constraints", "loader", "loader/wasmbin", "wasmffi"}

// exemplary packages have an Example for every exported function and type.
var exemplary = []string{"memview", "memview/npy", "constraints", "loader", "loader/wasmbin", "wasmffi"}

// Line limits: of a file, and of the essay in a doc.go.
const (
	maxLines    = 400
	maxDocLines = 80
)

// longFiles are the exceptions from maxLines, each with its reason.
var longFiles = map[string]string{
	"wasmffi/doc.go": "the threat model says what is promised and what shows it",
}

// topLevel are the names at the top of the repository; names that begin with a dot may be there too.
var topLevel = []string{
	"go.mod", "go.sum", "README.md", "LICENSE", "CHANGELOG.md",
	"wasmffi", "memview", "constraints", "loader", "testdata", "tools",
}

// floors of the files in floorsFolder, without .go and without a suffix _linux, _unix, _windows or _other. No file names
// a declaration of one with a greater number.
const floorsFolder = "wasmffi"

var floors = map[string]int{
	"deprecated": 6,
	"pool":       6,

	"bind": 6,

	"call":     5,
	"take":     5,
	"transfer": 5,
	"returned": 5,
	"prepare":  5,

	"func":     4,
	"mapfile":  4,
	"shared":   4,
	"stats":    4,
	"callback": 4,
	"funcat":   4,
	"fuel":     5,
	"symbol":   4,
	"adopt":    4,
	"snapshot": 4,

	"library": 3,
	"array":   3,
	"stage":   3,
	"quick":   3,

	"module":       2,
	"instance":     2,
	"enginememory": 2,
	"alloc":        2,
	"arena":        2,
	"tables":       2,
	"inside":       2,
	"code":         2,
	"link":         2,
	"running":      2,
	"slots":        2,
	"pointee":      2,
	"heap":         2,
	"room":         2,
	"plan":         2,
	"declared":     2,
	"similar":      2,
	"stop":         2,
	"streams":      2,

	"wasi":       1,
	"alias":      1,
	"args":       1,
	"adapt":      1,
	"cache":      1,
	"diskcache":  1,
	"functype":   1,
	"gotypes":    1,
	"hostargs":   1,
	"hostfunc":   1,
	"placement":  1,
	"pointer":    1,
	"scalar":     1,
	"lease":      1,
	"owned":      1,
	"moment":     1,
	"mounts":     1,
	"options":    1,
	"result":     1,
	"handle":     1,
	"error":      1,
	"doc":        1,
	"unattended": 1,
}
