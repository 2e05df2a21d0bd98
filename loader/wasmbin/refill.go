package wasmbin

// EncodeRefill is a small module that lets a metered one call its host when there is no fuel left. It imports the function
// of the host, whose type is () -> (), from the module host, and the table [Metering].Poll from the module guest. When it is
// instantiated it puts the function into the table.
//
// Its instance may be closed then or kept: the table keeps the function, but host functions see as caller the instance that
// called.
func EncodeRefill(host, refill, guest, poll string) []byte {
	m := &Module{bytes: header}
	typ := m.AppendType(FuncType{})
	one := Table{Type: FuncRef, Limits: Limits{Min: 1, Max: 1, HasMax: true}}
	m.add(idImport, appendImport(nil, &Import{Module: host, Name: refill, Kind: KindFunc, Type: typ}))
	m.add(idImport, appendImport(nil, &Import{Module: guest, Name: poll, Kind: KindTable, Table: &one}))
	m.add(idElement, []byte{0, byte(OpI32Const), 0, byte(OpEnd), 1, 0})
	return m.Encode()
}
