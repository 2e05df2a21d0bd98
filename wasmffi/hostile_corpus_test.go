package wasmffi_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/loader"
	attacks "github.com/wasmffi/go/testdata/wasm/hostile"
	"github.com/wasmffi/go/wasmffi"
)

// scenario is a guest of the corpus, what it is run with, and what must come of it.
type scenario struct {
	guest   string
	how     string // tells apart scenarios of one guest; letters and underscores
	options func(t *testing.T) wasmffi.Options
	run     func(*attack)
}

func (s scenario) name() string {
	if s.how == "" {
		return s.guest
	}
	return s.guest + "_" + s.how
}

// scenarios are all of them, but for bombs, which TestBombs has.
var scenarios = []scenario{
	// code that does not end
	{"loop", "", nil, stopped(byAll...)},
	{"loop_constructor", "", nil, neverStarted(byAll...)},
	{"loop_start", "", nil, neverStarted(byAll...)},
	{"loop_malloc", "", nil, stopped(byAll...)},
	{"loop_malloc", "array", nil, allocatorLoops},
	{"body_200", "", nil, stopped(byAll...)},
	{"body_20000", "", nil, stopped(byAll...)},
	{"br_table", "", nil, stopped(byAll...)},
	{"tree", "", nil, stopped(byAll...)},
	{"tail_calls", "", nil, stopped(byAll...)},
	{"private_names", "", nil, stopped(byAll...)},

	// stacks
	{"deep", "", nil, stoppedOrOverflows(byAll...)},
	{"deep_exports", "", nil, stacksReturned},
	{"recursion", "", nil, stackOverflow},
	{"recursion_mutual", "", nil, stackOverflow},
	{"recursion_table", "", nil, stackOverflow},
	{"recursion_host", "", nil, traps(wasmffi.Aborted)},
	{"recursion_host_deep", "", nil, traps()},
	{"try_recursion", "", nil, refused(loader.ErrRefused, "exceptions")},
	{"try_recursion", "exceptions", withExceptions, stackOverflow},
	{"try_nest", "", nil, refused(loader.ErrRefused, "exceptions")},
	{"try_nest", "exceptions", withExceptions, stackOverflow},
	{"try_loop", "", nil, refused(loader.ErrRefused, "exceptions")},
	{"try_loop", "exceptions", withExceptions, stopped(byClock...)},
	{"throw", "", nil, refused(loader.ErrRefused, "exceptions")},
	{"throw", "exceptions", withExceptions, traps()},

	// memory
	{"memory_grow", "", nil, returns(memoryIs(256 << 20))},
	{"memory_grow", "limit", withLimits(wasmffi.Limits{Memory: 5 << 20}), returns(memoryIs(5 << 20))},
	{"memory_grow_loop", "", nil, stopped(byAll...)},
	{"memory_claim", "", nil, refused(wasmffi.ErrMemoryLimit, "4294967296")},
	{"memory_fill", "", nil, stopped(byAll...)},
	{"memory_copy", "", nil, stopped(byAll...)},
	{"memory_touch", "", nil, stopped(byAll...)},
	{"trap_constructor", "", nil, failsToStart(wasmffi.Unreachable)},
	{"trap", "", nil, traps(wasmffi.Unreachable)},
	{"trap", "views", nil, trapsUnderSlices},

	// tables
	{"table_grow", "", nil, returns(nil)},
	{"table_grow", "limit", withLimits(wasmffi.Limits{Tables: 1000}), returns(nil)},
	{"table_grow_max", "", nil, returns(nil)},
	{"table_grow_loop", "", nil, stopped(byAll...)},
	{"table_fill", "", nil, stopped(byAll...)},
	{"table_start", "", nil, returns(nil)},
	{"tables", "", nil, refused(wasmffi.ErrTableLimit, "10000000000")},
	{"tables_claim", "", nil, refused(wasmffi.ErrTableLimit, "4294967295")},
	{"tables_sum", "", nil, refused(wasmffi.ErrTableLimit, "10450000")},
	{"tables_limit", "", nil, refused(wasmffi.ErrTableLimit, "1200000")},
	{"tables_limit", "allowed", withLimits(wasmffi.Limits{Tables: 1_200_000}), returns(nil)},
	{"tables_max", "", nil, returns(nil)},
	{"names_claim", "", nil, returns(nil)},
	{"names_claim_locals", "", nil, returns(nil)},
	{"exports", "", nil, refused(loader.ErrRefused, "exports")},

	// what the host appends
	{"names_function", "", nil, refused(loader.ErrFormat, "index: got")},
	{"names_global", "", nil, refused(loader.ErrFormat, "index: got")},
	{"names_table", "", nil, refused(loader.ErrFormat, "index: got")},
	{"names_type", "", nil, refused(loader.ErrFormat, "index: got")},
	{"names_export", "", nil, refused(loader.ErrFormat, "index: got")},
	{"names_start", "", nil, refused(loader.ErrFormat, "index: got")},
	{"private_imports", "", nil, traps(wasmffi.Unresolved, wasmffi.ErrImport)},
	{"private_imports", "strict", strict, refused(wasmffi.ErrImport, "wasmffi.refill")},
	{"start_import", "", nil, failsToStart(wasmffi.Unresolved, wasmffi.ErrImport)},
	{"start_import", "strict", strict, refused(wasmffi.ErrImport, "nobody")},
	{"start_exit", "", nil, exitsAtStart},

	// the host's functions
	{"tick", "", ticking, stopped(byAll...)},
	{"callback", "", nil, callbackStorm},
	{"reenter", "", nil, reenters},
	{"wait", "", nil, refused(loader.ErrRefused, "threads")},
	{"wait", "threads", withThreads, stopped(byClock...)},
	{"stdout_flood", "", nil, stopped(append(byAll, byOutput(1<<20))...)},
	{"stdout_flood", "written", nil, floods(1 << 20)},
	{"stdout_vectors", "", nil, stopped(append(byAll, byOutput(1<<20+1))...)},
	{"stdout_vectors", "written", nil, floods(3<<20 + 1)},
	{"stdin_flood", "", reading, stopped(byAll...)},
	{"random", "", nil, stopped(byAll...)},
	{"sleep", "", nil, stopped(byAll...)},
	{"sleep", "clocks", withClocks, stopped(byClock...)},
	{"emscripten_print", "", nil, stopped(append(byAll, byOutput(1<<20))...)},
	{"emscripten_print", "written", nil, floods(1 << 20)},
	{"emscripten_copy", "", nil, stopped(byAll...)},
	{"emscripten_sleep", "", nil, stopped(byAll...)},
	{"emscripten_sleep", "clocks", withClocks, stopped(byClock...)},
	{"emscripten_resize", "", nil, returns(memoryIs(256 << 20))},
	{"emscripten_longjmp", "", nil, stopped(byClock...)},
	{"emscripten_longjmp_deep", "", nil, stopped(byAll...)},
	{"clock", "", nil, stopped(byAll...)},
	{"clock", "clocks", withClocks, stopped(byAll...)},
}

// TestHostile runs every guest of the corpus in a process of its own, beside a library that has nothing to do with it.
func TestHostile(t *testing.T) {
	guests, used := map[string]attacks.Guest{}, map[string]bool{}
	for _, g := range attacks.Guests() {
		guests[g.Name] = g
	}
	for i, s := range scenarios {
		require.Contains(t, guests, s.guest)
		used[s.guest] = true
		t.Run(s.name(), func(t *testing.T) {
			if (testing.Short() || raced) && i%4 > 0 {
				t.Skip("a quarter of them runs with -short and under the race detector")
			}
			aloneWithin(t, attackTime, hostileSpace, func(t *testing.T) {
				var o wasmffi.Options
				if s.options != nil {
					o = s.options(t)
				}
				launch(t, guests[s.guest], guests["loop"], o, s.run)
			})
		})
	}
	for name := range guests {
		require.True(t, used[name] || strings.HasPrefix(name, "bomb_"), "nothing runs %s", name)
	}
}
