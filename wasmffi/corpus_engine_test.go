package wasmffi_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/wasmffi/go/loader/wasmbin"
)

const everyFeature = api.CoreFeaturesV2 | experimental.CoreFeaturesThreads | experimental.CoreFeaturesTailCall |
	experimental.CoreFeaturesExtendedConst | experimental.CoreFeaturesExceptionHandling |
	experimental.CoreFeaturesTypedFunctionReferences

// corpus are the modules in the source of the engine: the suites of the specification, sound and malformed, and those of
// its own tests. With -short it is every 16th.
func corpus(t testing.TB) []string {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		t.Skipf("the source of the engine is not there: go list: %v", err)
	}
	var paths []string
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".wasm") {
			paths = append(paths, path)
		}
		return err
	})
	require.NoError(t, err)
	if len(paths) == 0 {
		t.Skipf("no .wasm below %s", dir)
	}
	if testing.Short() {
		var few []string
		for i := 0; i < len(paths); i += 16 {
			few = append(few, paths[i])
		}
		paths = few
	}
	return paths
}

// counts of the corpus.
type counts struct {
	modules, decoded, accepted, bodies, instructions, shadowed, laxer int
}

// TestCorpusEngine holds wasmbin against the engine: what it decodes is encoded byte for byte, and nothing that the engine
// accepts is refused, neither by Decode nor by CheckIndices nor by the walker.
func TestCorpusEngine(t *testing.T) {
	paths := corpus(t)
	var mu sync.Mutex
	var sum counts
	var wg sync.WaitGroup
	next := make(chan string)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			r := wazero.NewRuntimeWithConfig(bg, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(everyFeature))
			defer func() { _ = r.Close(bg) }()
			for path := range next {
				c := counts{modules: 1}
				if problem := compareWithEngine(r, path, &c); problem != nil {
					t.Errorf("%s: %v", path, problem)
				}
				mu.Lock()
				sum.modules += c.modules
				sum.decoded += c.decoded
				sum.accepted += c.accepted
				sum.bodies += c.bodies
				sum.instructions += c.instructions
				sum.shadowed += c.shadowed
				sum.laxer += c.laxer
				mu.Unlock()
			}
		})
	}
	for _, path := range paths {
		next <- path
	}
	close(next)
	wg.Wait()
	t.Logf("%+v", sum)
	require.Positive(t, sum.accepted)
}

// compiles is the engine's error, or its panic: on hostile bytes it has some.
func compiles(r wazero.Runtime, code []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	m, err := r.CompileModule(bg, code)
	if err == nil {
		err = m.Close(bg)
	}
	return err
}

func compareWithEngine(r wazero.Runtime, path string, c *counts) error {
	code, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	refused := compiles(r, code)
	m, err := wasmbin.Decode(code)
	if err != nil {
		if refused == nil {
			return err
		}
		return nil
	}
	c.decoded++
	if string(m.Encode()) != string(code) {
		return errors.New("not encoded as it was")
	}
	if refused != nil {
		c.laxer++
		return stillRefused(r, code)
	}
	c.accepted++
	if err := m.CheckIndices(); err != nil {
		return err
	}
	for _, b := range m.Code {
		c.bodies++
		end := 0
		for ins, err := range wasmbin.Instructions(b.Code) {
			if err != nil {
				return err
			}
			if ins.Offset != end {
				return errors.New("gap between instructions")
			}
			c.instructions++
			end = ins.End
		}
		if end != len(b.Code) {
			return errors.New("the walker did not reach the end")
		}
	}
	out, shadows, err := shadowTables(code)
	if err != nil {
		return err
	}
	if len(shadows) > 0 {
		c.shadowed++
		return compiles(r, out)
	}
	return nil
}

// stillRefused wants that a module that the engine refuses is refused after appending, too.
func stillRefused(r wazero.Runtime, code []byte) error {
	out, shadows, err := shadowTables(code)
	if err == nil && len(shadows) > 0 && compiles(r, out) == nil {
		return errors.New("became valid by appending")
	}
	return nil
}

// mutated is code with up to three bytes changed.
func mutated(rng *rand.Rand, code []byte) []byte {
	const telling = "\x00\x01\x0b\x1c\x25\x26\x63\x64\x80\xd0\xfc\xfd\xfe"
	b := append([]byte{}, code...)
	for range 1 + rng.IntN(3) {
		switch at := &b[8+rng.IntN(len(b)-8)]; rng.IntN(3) {
		case 0:
			*at ^= 1 << rng.IntN(8)
		case 1:
			*at++
		case 2:
			*at = telling[rng.IntN(len(telling))]
		}
	}
	return b
}

// tame is whether the engine can be given the module: it takes memory for as many entries, bytes and locals as a number
// says, 32 GiB for 32 bytes of module, and ends the process. Decode lets only locals through, which the specification has.
func tame(code []byte) bool {
	m, err := wasmbin.Decode(code)
	if err != nil {
		return false
	}
	for _, b := range m.Code {
		var locals uint64
		for n := range b.Locals() {
			locals += uint64(n)
		}
		if locals > 1<<16 {
			return false
		}
	}
	return true
}

// TestMutatedCorpusEngine changes modules that write tables, and wants that appending shadows makes none of them valid, or
// invalid.
func TestMutatedCorpusEngine(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	r := wazero.NewRuntimeWithConfig(bg, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(everyFeature))
	defer func() { require.NoError(t, r.Close(bg)) }()
	var valid, invalid int
	for _, path := range corpus(t) {
		code, err := os.ReadFile(path)
		require.NoError(t, err)
		if _, shadows, err := shadowTables(code); err != nil || len(shadows) == 0 || len(code) > 4000 {
			continue
		}
		for range 300 {
			b := mutated(rng, code)
			out, shadows, err := shadowTables(b)
			if err != nil || len(shadows) == 0 || !tame(b) {
				continue
			}
			before, after := compiles(r, b), compiles(r, out)
			require.Equal(t, before == nil, after == nil, "%s: %v, then %v: %x", path, before, after, b)
			if before == nil {
				valid++
			} else {
				invalid++
			}
		}
	}
	t.Logf("%d valid, %d invalid modules with shadows", valid, invalid)
	require.Positive(t, valid)
	require.Positive(t, invalid)
}
