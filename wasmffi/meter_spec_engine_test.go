package wasmffi_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// specValue is a number, a vector or a reference in a suite.
type specValue struct {
	Type  string `json:"type"`
	Lane  string `json:"lane_type"`
	Value any    `json:"value"`
}

// specCommand is one command of a suite.
type specCommand struct {
	Type     string `json:"type"`
	Line     int    `json:"line"`
	Name     string `json:"name"`
	Filename string `json:"filename"`
	As       string `json:"as"`
	Action   struct {
		Type   string      `json:"type"`
		Args   []specValue `json:"args"`
		Field  string      `json:"field"`
		Module string      `json:"module"`
	} `json:"action"`
}

// specBits is a number of a type as the engine takes it.
func specBits(typ, text string) uint64 {
	wide := !strings.Contains(typ, "32") && !strings.HasSuffix(typ, "8") && !strings.HasSuffix(typ, "16")
	if strings.HasPrefix(text, "nan") {
		if wide {
			return math.Float64bits(math.NaN())
		}
		return uint64(math.Float32bits(float32(math.NaN())))
	}
	v, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		signed, _ := strconv.ParseInt(text, 10, 64)
		v = uint64(signed)
	}
	switch {
	case strings.HasSuffix(typ, "8"):
		return v & 0xff
	case strings.HasSuffix(typ, "16"):
		return v & 0xffff
	case !wide:
		return v & 0xffff_ffff
	case typ == "externref": // 0 is one that is not null
		return v + 1
	}
	return v
}

// stack is the value as the engine takes it, in one or two words.
func (v specValue) stack() []uint64 {
	switch x := v.Value.(type) {
	case string:
		if x != "null" {
			return []uint64{specBits(v.Type, x)}
		}
	case []any:
		var words [2]uint64
		width, _ := strconv.Atoi(v.Lane[1:])
		for i, lane := range x {
			words[i*width/64] |= specBits(v.Lane, lane.(string)) << (i * width % 64)
		}
		return words[:]
	}
	return []uint64{0}
}

// specRun runs suites in one way: as they are, or metered.
type specRun struct {
	r           wazero.Runtime
	instantiate func(code []byte, name string) (api.Module, error)
	named       map[string]api.Module
	last        api.Module
}

// show is a result in words that are the same for the same behaviour. Which NaN it is, the specification leaves open.
func show(types []api.ValueType, words []uint64) string {
	var out []string
	for _, t := range types {
		switch {
		case t == api.ValueTypeF32 && math.IsNaN(float64(api.DecodeF32(words[0]))), t == api.ValueTypeF64 && math.IsNaN(api.DecodeF64(words[0])):
			out = append(out, "nan")
		case t == 0x7b: // v128
			out = append(out, fmt.Sprint(words[0], words[1]))
			words = words[1:]
		case t == api.ValueTypeI32 || t == api.ValueTypeI64 || t == api.ValueTypeF32 || t == api.ValueTypeF64:
			out = append(out, fmt.Sprint(words[0]))
		default: // a reference is an address
			out = append(out, fmt.Sprint("null: ", words[0] == 0))
		}
		words = words[1:]
	}
	return strings.Join(out, " ")
}

// failure is the first line of an error, without what leads to it.
func failure(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	if i := strings.Index(text, "wasm error: "); i >= 0 {
		text = text[i:]
	}
	return text
}

// action runs an action and shows what comes of it.
func (s *specRun) action(c *specCommand) string {
	m := s.last
	if c.Action.Module != "" {
		m = s.named[c.Action.Module]
	}
	if m == nil {
		return "no module"
	}
	if c.Action.Type == "get" {
		g := m.ExportedGlobal(c.Action.Field)
		return show([]api.ValueType{g.Type()}, []uint64{g.Get(), 0})
	}
	var args []uint64
	for _, v := range c.Action.Args {
		args = append(args, v.stack()...)
	}
	f := m.ExportedFunction(c.Action.Field)
	if f == nil {
		return "no function"
	}
	results, err := f.Call(bg, args...)
	if err != nil {
		return failure(err)
	}
	return show(f.Definition().ResultTypes(), results)
}

// command runs one command; as is under which name a module is registered afterwards.
func (s *specRun) command(dir string, c *specCommand, as string) string {
	if c.Filename == "" {
		return s.action(c)
	}
	code, err := os.ReadFile(filepath.Join(dir, c.Filename))
	if err != nil {
		return err.Error()
	}
	m, err := s.instantiate(code, as)
	switch c.Type {
	case "module":
		s.last = m
		if c.Name != "" {
			s.named[c.Name] = m
		}
	case "assert_malformed", "assert_invalid": // by whom is another matter
		return fmt.Sprint("refused: ", err != nil)
	}
	if err != nil {
		return failure(err)
	}
	return "instantiated"
}

// suites are the directories of suites in the source of the engine, and the features that each takes.
var suites = map[string]api.CoreFeatures{
	"v1": api.CoreFeaturesV2, "v2": api.CoreFeaturesV2, "threads": everyFeature, "tail-call": everyFeature,
	"exception-handling": everyFeature, "extended-const": everyFeature, "typed-function-references": everyFeature,
}

// TestMeterSpecEngine runs every suite of the specification that the source of the engine has, as it is and metered, and
// wants the same of each command: results, traps, refusals, what links and what does not, start functions included.
func TestMeterSpecEngine(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	root := filepath.Join(strings.TrimSpace(string(out)), "internal", "integration_test", "spectest")
	spectest, missing := os.ReadFile(filepath.Join(root, "testdata", "spectest.wasm"))
	if err != nil || missing != nil {
		t.Skipf("the source of the engine is not there: %v, %v", err, missing)
	}
	commands, polls, files := 0, 0, 0
	for dir, features := range suites {
		paths, err := filepath.Glob(filepath.Join(root, dir, "testdata", "*.json"))
		require.NoError(t, err)
		for i, path := range paths {
			if testing.Short() && i%8 != 0 {
				continue
			}
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			var suite struct{ Commands []specCommand }
			require.NoError(t, json.Unmarshal(b, &suite))
			t.Run(dir+"/"+filepath.Base(path), func(t *testing.T) {
				config := wazero.NewRuntimeConfigCompiler().WithCoreFeatures(features)
				plain := &specRun{r: wazero.NewRuntimeWithConfig(bg, config), named: map[string]api.Module{}}
				defer func() { require.NoError(t, plain.r.Close(bg)) }()
				plain.instantiate = func(code []byte, name string) (api.Module, error) {
					return plain.r.InstantiateWithConfig(bg, code, wazero.NewModuleConfig().WithName(name).WithStartFunctions())
				}
				host := newMeterHost(t, config)
				host.o.Budget, host.slice = 1, 1 // every look leads to the host
				metered := &specRun{r: host.r, instantiate: host.instantiate, named: map[string]api.Module{}}
				for _, run := range []*specRun{plain, metered} {
					_, err := run.r.InstantiateWithConfig(bg, spectest, wazero.NewModuleConfig())
					require.NoError(t, err)
				}
				for i := range suite.Commands {
					c, as := &suite.Commands[i], ""
					if c.Type == "register" || filepath.Ext(c.Filename) == ".wat" {
						continue
					}
					if i+1 < len(suite.Commands) && suite.Commands[i+1].Type == "register" {
						as = suite.Commands[i+1].As
					}
					want := plain.command(filepath.Dir(path), c, as)
					got := metered.command(filepath.Dir(path), c, as)
					if want != got {
						t.Errorf("%s line %d: %s %s: got %s, want %s", path, c.Line, c.Type, c.Action.Field, got, want)
					}
					commands++
				}
				polls += host.polls
			})
			files++
		}
	}
	t.Logf("%d commands of %d suites, %d refills", commands, files, polls)
	require.Positive(t, commands)
}
