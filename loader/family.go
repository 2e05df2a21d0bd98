package loader

import (
	"slices"
	"strings"

	"github.com/wasmffi/go/loader/wasmbin"
)

// Family says whose an import is: who supplies it where the module was meant to run. Whether somebody supplies it here
// is another matter.
type Family string

// The families.
const (
	FamilyWASI           Family = "wasi"                // WASI, of whatever version, under its own module name or a minified one
	FamilyEmscripten     Family = "emscripten"          // the JavaScript of emscripten
	FamilyAssemblyScript Family = "assemblyscript"      // the runtime of AssemblyScript
	FamilyBindgen        Family = "wasm-bindgen"        // the JavaScript of wasm-bindgen
	FamilyDefinition     Family = "memory/table/global" // no function: something that the module might define itself
	FamilyUnknown        Family = "unknown"
)

// imports describes the first MaxImports imports: a module with more is refused.
func (i *inspection) imports(t Toolchain) []ImportInfo {
	list := i.m.Imports[:min(len(i.m.Imports), MaxImports)]
	all := make([]ImportInfo, len(list))
	for k, im := range list {
		info := ImportInfo{ImportName: *i.importName(k), Kind: im.Kind.String(), Type: i.typeText(im)}
		if i.names != nil {
			info.Meaning = i.names.Imports[info.String()]
		}
		info.Family = familyOf(im, info.Meaning, t)
		all[k] = info
	}
	return all
}

func familyOf(im wasmbin.Import, meaning string, t Toolchain) Family {
	name := im.Name
	if meaning != "" {
		name = meaning
	}
	host := im.Module == "env" || im.Module == "a" || im.Module == "asm"
	switch {
	case im.Kind != wasmbin.KindFunc:
		return FamilyDefinition
	case strings.HasPrefix(im.Module, "wasi"), host && slices.Contains(wasiNames, name):
		return FamilyWASI
	case isBindgen(im.Module, im.Name):
		return FamilyBindgen
	case t == AssemblyScript && im.Module == "env":
		return FamilyAssemblyScript
	case host && (t == Emscripten || t == EmscriptenMinified || isEmscripten(name)):
		return FamilyEmscripten
	}
	return FamilyUnknown
}

// wasiNames are the functions of WASI preview 1 that emscripten imports from its own module.
var wasiNames = []string{
	"args_get", "args_sizes_get", "clock_res_get", "clock_time_get", "environ_get", "environ_sizes_get", "fd_close", "fd_datasync",
	"fd_fdstat_get", "fd_pread", "fd_pwrite", "fd_read", "fd_seek", "fd_sync", "fd_write", "proc_exit", "random_get",
}

func isBindgen(module, name string) bool {
	return module == "wbg" || strings.HasPrefix(module, "__wbindgen_") || strings.HasPrefix(name, "__wbg_") || strings.HasPrefix(name, "__wbindgen_")
}

// isEmscripten is whether a name is of the kind that emscripten's JavaScript supplies.
func isEmscripten(name string) bool {
	for _, prefix := range []string{"emscripten_", "_emscripten_", "__syscall", "invoke_", "_embind_", "_emval_", "__cxa_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return slices.Contains([]string{"_abort_js", "__assert_fail", "setTempRet0", "getTempRet0", "_tzset_js", "_localtime_js", "_mktime_js", "_gmtime_js", "_setitimer_js", "abortOnCannotGrowMemory"}, name)
}
