package loader

// Names are the C names of a module whose own names were minified.
type Names struct {
	Exports map[string]string // C name -> name of the export: "malloc" -> "s"
	Imports map[string]string // module and name of the import -> C name: "a.e" -> "emscripten_resize_heap"
}
