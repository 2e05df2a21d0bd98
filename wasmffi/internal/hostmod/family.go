package hostmod

// Family says whose function an import is.
type Family uint8

// The families. A stub is a function that nobody supplies.
const (
	Stub Family = iota
	Given
	WASI
	Emscripten
	AssemblyScript
	WasmBindgen
)

var families = [...]string{
	Stub: "stub", Given: "given", WASI: "wasi", Emscripten: "emscripten",
	AssemblyScript: "assemblyscript", WasmBindgen: "wasm-bindgen",
}

// String is the family's name in reports: "wasi", "wasm-bindgen".
func (f Family) String() string {
	if int(f) < len(families) {
		return families[f]
	}
	return families[Stub]
}
