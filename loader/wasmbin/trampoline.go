package wasmbin

// Trampolines is a small module that makes function pointers of a host function: see [Trampolines.Encode].
type Trampolines struct {
	Type   FuncType // of the function pointers
	Count  int      // how many there are
	Module string   // from which Host is imported
	Host   string   // the host function: its type is Type with an i32 in front, which is the number of the trampoline
	Guest  string   // the module from which Table is imported
	Table  string   // a table of funcref
}

// Names of the exports of a module of trampolines.
const (
	TrampolinesGrow  = "grow"  // (func (param $n i32) (result i32)): table.grow by n null entries
	TrampolinesPlace = "place" // (func (param $k i32) (param $at i32) (param $n i32)): trampolines k to k+n go to entries at to at+n
)

// Encode is the module in its binary form. It imports the table of another module and a host function, and has Count
// functions of Type, the trampolines, each of which calls the host function with its own number and its parameters.
//
// Instances share the code and are told apart by who calls: the host sees the instance of the trampolines.
func (t Trampolines) Encode() []byte {
	m := &Module{bytes: header}
	host := m.AppendType(FuncType{Params: append([]ValueType{I32}, t.Type.Params...), Results: t.Type.Results})
	guest := m.AppendType(t.Type)
	grow := m.AppendType(FuncType{Params: []ValueType{I32}, Results: []ValueType{I32}})
	place := m.AppendType(FuncType{Params: []ValueType{I32, I32, I32}})

	m.add(idImport, appendImport(nil, &Import{Module: t.Module, Name: t.Host, Kind: KindFunc, Type: host}))
	m.add(idImport, appendImport(nil, &Import{Module: t.Guest, Name: t.Table, Kind: KindTable, Table: &Table{Type: FuncRef}}))
	m.function(grow, func(a *assembler) {
		a.null(FuncRef)
		a.op(OpLocalGet, 0)
		a.op(OpTableGrow, 0)
	})
	m.function(place, func(a *assembler) {
		a.op(OpLocalGet, 1)
		a.op(OpLocalGet, 0)
		a.op(OpLocalGet, 2)
		a.op(OpTableInit, 0, 0)
	})
	m.export(TrampolinesGrow, 1)
	m.export(TrampolinesPlace, 2)
	const first = 3 // after the host function, grow and place
	list := appendUnsigned([]byte{elementNotActive, 0}, uint64(t.Count))
	for k := range uint32(t.Count) {
		m.function(guest, func(a *assembler) {
			a.constant(OpI32Const, int64(k))
			for i := range t.Type.Params {
				a.op(OpLocalGet, uint32(i))
			}
			a.op(OpCall, 0)
		})
		list = appendUnsigned(list, uint64(first+k))
	}
	m.add(idElement, list)
	return m.Encode()
}

// function adds a function without locals, which ends after what write writes.
func (m *Module) function(typ uint32, write func(*assembler)) {
	a := assembler{0}
	write(&a)
	a.op(OpEnd)
	m.add(idFunction, appendUnsigned(nil, uint64(typ)))
	m.add(idCode, append(appendUnsigned(nil, uint64(len(a))), a...))
}

func (m *Module) export(name string, f uint32) {
	m.add(idExport, appendUnsigned(append(appendName(nil, name), byte(KindFunc)), uint64(f)))
}
