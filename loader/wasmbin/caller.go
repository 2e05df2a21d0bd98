package wasmbin

// AppendCaller appends a function that calls what a function pointer points to, an entry of a table, and exports it under a
// name. Its type is t with an i32 more at the end, the index of the entry. It traps as call_indirect does: where the entry is
// null or not there, or is a function of another type. The error is that of [Module.AppendExport].
func (m *Module) AppendCaller(t FuncType, table uint32, name string) error {
	n := uint32(len(t.Params))
	callee := m.AppendType(t)
	typ := m.AppendType(FuncType{Params: append(t.Params[:n:n], I32), Results: t.Results})
	a := assembler{0}
	for i := range n + 1 {
		a.op(OpLocalGet, i)
	}
	a.op(OpCallIndirect, callee, table)
	a.op(OpEnd)
	f, err := m.AppendFunction(typ, a)
	if err == nil {
		_, err = m.AppendExport(Export{Name: name, Kind: KindFunc, Index: f})
	}
	return err
}

// CallerName is the export of [EncodeCaller].
const CallerName = "call"

// EncodeCaller is a module that imports the table of another one and exports the caller of its entries of a type; see
// [Module.AppendCaller].
func EncodeCaller(t FuncType, guest, table string) ([]byte, error) {
	m := &Module{bytes: header}
	m.add(idImport, appendImport(nil, &Import{Module: guest, Name: table, Kind: KindTable, Table: &Table{Type: FuncRef}}))
	err := m.AppendCaller(t, 0, CallerName)
	return m.Encode(), err
}
