package hostmod

import "strings"

// What tests go through whole.

// Standard is compared with what the engine has.
var Standard = standard

// Engine is the engine's function that supplies import i; "": another does.
func (l *Links) Engine(i int) string { return l.supplies[i].engine }

// MaxDepth is how deep a hostile guest gets.
const MaxDepth = maxDepth

// BuiltIn calls yield for each function that the tables have, as the guest imports it and with
// one of the types it may have.
func BuiltIn(yield func(module, name, types string)) {
	for _, table := range tables {
		for name, variants := range table {
			for _, v := range variants {
				yield("env", name, strings.ReplaceAll(v.types, "*", "iiii")+map[bool]string{true: ":i"}[v.types == "*"])
			}
		}
	}
	for name, variants := range scriptTable {
		module, name, _ := strings.Cut(name, ".")
		for _, v := range variants {
			yield(module, name, v.types)
		}
	}
	for name, variants := range bindgenTable {
		for _, v := range variants {
			yield("wbg", name, v.types)
		}
	}
	for name := range split {
		yield("wasi_snapshot_preview1", name, legalised(standard[name]))
	}
	for name, fn := range unstable {
		if fn != nil {
			yield("wasi_unstable", name, standard[name])
		}
	}
	for _, names := range []map[string]bool{onPaths, {"ioctl": true, "fcntl64": true, "mmap2": true}} {
		for name := range names {
			yield("env", "__syscall_"+name, "iii:i")
		}
	}
	yield("env", "_embind_register_bool", "iiiii:")
	yield("env", "_emval_incref", "i:")
	yield("env", "__cxa_find_matching_catch_2", ":i")
	yield("env", "invoke_vi", "ii:")
	yield("env", "emscripten_longjmp", "ii:")
	yield("env", "_emscripten_throw_longjmp", ":")
}
