package hostmod

// unnamed is the supply of an import that emscripten minified and whose name nobody knows, as of modules whose
// JavaScript went through another minifier. It is a stub, with one exception: environ_sizes_get(count, size), which the C
// library calls while constructors run, is told by the addresses of two neighbouring variables. The answer is that
// the function is not there, which the library takes for an empty environment.
//
// The import remains among those that are missing.
func unnamed(im *Import, types string) supply {
	s := unresolved(Stub, im, "")
	stub := s.fn
	if types != "ii:i" {
		return s
	}
	s.fn = func(c call, stack []uint64) {
		const word = 4
		first, second := uint32(stack[0]), uint32(stack[1])
		if !c.env.Constructing || second == 0 || second%word != 0 || first-second != word {
			stub(c, stack)
		}
		stack[0] = errNosys
	}
	return s
}

// isUnnamed is whether an import looks as emscripten writes them where names are minified.
func (im *Import) isUnnamed() bool { return im.Module == "a" && len(im.Name) <= 3 && im.Meaning == "" }
