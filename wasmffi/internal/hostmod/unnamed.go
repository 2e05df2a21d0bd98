package hostmod

// unnamed is the supply of an import that emscripten minified and whose name nobody knows, as of modules whose
// JavaScript went through another minifier. It is a stub, but not while constructors run: these call two kinds of
// functions before the library can do anything, and both can be told by their types.
//
//   - environ_sizes_get(count, size) is what the C library asks first, with the addresses of two neighbouring variables. The
//     answer is that there is no environment, which it takes.
//   - _embind_register_class and the like tell JavaScript of the C++ that the module was made of, and want no result.
//
// The import remains among those that are missing.
func unnamed(im *Import, types string) supply {
	s := unresolved(Stub, im, "")
	stub := s.fn
	switch {
	case types == "ii:i":
		s.fn = func(c call, stack []uint64) {
			const word = 4
			first, second := uint32(stack[0]), uint32(stack[1])
			if !c.env().Constructing || second == 0 || second%word != 0 || first-second != word {
				stub(c, stack)
			}
			stack[0] = errNosys
		}
	case len(im.Params) > 0 && len(im.Results) == 0:
		s.fn = func(c call, stack []uint64) {
			if !c.env().Constructing {
				stub(c, stack)
			}
		}
	}
	return s
}

// isUnnamed is whether an import looks as emscripten writes them where names are minified.
func (im *Import) isUnnamed() bool { return im.Module == "a" && len(im.Name) <= 3 && im.Meaning == "" }
