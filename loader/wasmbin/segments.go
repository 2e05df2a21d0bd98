package wasmbin

// Bits of the leading number of an element segment (core specification, section 5.5.12).
const (
	elementNotActive = 1 << 0
	elementExplicit  = 1 << 1 // active: a table index follows; else the segment is declarative
	elementExprs     = 1 << 2
)

func (m *Module) readElements(r *reader) {
	m.Elements = each(m, r, "element segments", 3, m.readElement)
}

func (m *Module) readElement(r *reader) Element {
	at := r.pos
	flags := r.u32("flags")
	if flags > elementNotActive|elementExplicit|elementExprs {
		r.fail(at, "flags: got %d, want 0 to 7", flags)
	}
	if flags != 0 {
		m.forms |= FeatureBulkMemory
	}
	e := Element{Type: FuncRef, Exprs: flags&elementExprs != 0}
	switch {
	case flags&elementNotActive == 0:
		if flags&elementExplicit != 0 {
			e.Table = r.u32("table index")
		}
		e.Offset = r.expr("offset")
	case flags&elementExplicit != 0:
		e.Mode = Declarative
	default:
		e.Mode = Passive
	}
	if flags&(elementNotActive|elementExplicit) != 0 {
		if at = r.pos; e.Exprs {
			e.Type = r.refType("element type")
		} else if kind := r.byte("element kind"); kind != 0 {
			r.fail(at, "element kind: got %#x, want 0 (functions)", kind)
		}
	}
	n := r.count("number of elements", 1)
	start := r.pos
	for i := 0; i < n && r.err == nil; i++ {
		if e.Exprs {
			r.expr("element")
		} else {
			r.u32("function index")
		}
	}
	if r.err == nil {
		e.Count, e.Init = uint32(n), r.b[start:r.pos:r.pos]
	}
	return e
}

func (m *Module) readData(r *reader) { m.Data = each(m, r, "data segments", 2, m.readSegment) }

func (m *Module) readSegment(r *reader) Segment {
	var s Segment
	at := r.pos
	switch flags := r.u32("flags"); flags {
	case 0:
		s.Offset = r.expr("offset")
	case 1:
		m.forms |= FeatureBulkMemory
		s.Mode = Passive
	case 2:
		m.forms |= FeatureBulkMemory
		s.Memory = r.u32("memory index")
		s.Offset = r.expr("offset")
	default:
		r.fail(at, "flags: got %d, want 0 to 2", flags)
	}
	s.Init = r.bytes("number of bytes")
	return s
}
