package wasmbin

// sectionFeatures are what shows outside of bodies.
func (m *Module) sectionFeatures() Features {
	f := m.forms
	for i := range m.Types {
		for _, t := range m.Types[i].Params {
			f |= t.features()
		}
		for _, t := range m.Types[i].Results {
			f |= t.features()
		}
		if len(m.Types[i].Results) > 1 {
			f |= FeatureMultivalue
		}
	}
	var tables, memories int
	globals := m.imported(KindGlobal)
	for i := range m.Imports {
		switch x := &m.Imports[i]; x.Kind {
		case KindTable:
			tables++
			f |= x.Table.features()
		case KindMemory:
			memories++
			f |= x.Memory.features()
		case KindGlobal:
			f |= x.Global.Type.features()
			if x.Global.Mutable {
				f |= FeatureMutableGlobals
			}
		case KindTag:
			f |= FeatureExceptionHandling
		}
	}
	for i := range m.Tables {
		f |= m.Tables[i].features() | exprFeatures(m.Tables[i].Init, globals)
	}
	for i := range m.Memories {
		f |= m.Memories[i].features()
	}
	for i := range m.Globals {
		f |= m.Globals[i].Type.features() | exprFeatures(m.Globals[i].Init, globals)
	}
	if tables+len(m.Tables) > 1 {
		f |= FeatureReferenceTypes
	}
	if memories+len(m.Memories) > 1 {
		f |= FeatureMultiMemory
	}
	if len(m.Tags) > 0 {
		f |= FeatureExceptionHandling
	}
	return f | m.exportFeatures(globals) | m.segmentFeatures(globals)
}

func (t *Table) features() (f Features) {
	if t.Type != FuncRef {
		f = t.Type.features()
	}
	if t.Init != nil {
		f |= FeatureFunctionReferences
	}
	return f
}

func (m *Memory) features() Features {
	if m.Shared {
		return FeatureAtomics
	}
	return 0
}

// exportFeatures are those of exported globals; of the imported ones the mutable ones show as imports.
func (m *Module) exportFeatures(imported uint32) Features {
	for i := range m.Exports {
		x := &m.Exports[i]
		if at := uint64(x.Index) - uint64(imported); x.Kind == KindGlobal && at < uint64(len(m.Globals)) && m.Globals[at].Mutable {
			return FeatureMutableGlobals
		}
	}
	return 0
}

// segmentFeatures are what reference-types put into the forms of segments that bulk-memory brought, and their expressions.
func (m *Module) segmentFeatures(imported uint32) (f Features) {
	for i := range m.Elements {
		e := &m.Elements[i]
		if e.Mode == Declarative {
			f |= FeatureReferenceTypes
		}
		if e.Type != FuncRef {
			f |= e.Type.features()
		}
		f |= exprFeatures(e.Offset, imported)
		if e.Exprs {
			f |= exprFeatures(e.Init, imported) &^ FeatureReferenceTypes // ref.func and ref.null are older there
		}
	}
	for i := range m.Data {
		f |= exprFeatures(m.Data[i].Offset, imported)
	}
	return f
}

// exprFeatures are those of constant expressions that stand one after the other, in a module that imports so many globals.
func exprFeatures(exprs []byte, imported uint32) (f Features) {
	for w := (walker{code: exprs, depth: 1}); w.pos < len(exprs); w.depth = 1 {
		for w.depth > 0 {
			ins, e := w.next(nil)
			if e != nil { // decoded expressions have no error; those appended are the caller's
				return f
			}
			switch ins.Op {
			case OpI32Add, OpI32Sub, OpI32Mul, OpI64Add, OpI64Sub, OpI64Mul:
				f |= FeatureExtendedConst
			case OpGlobalGet:
				if g, _, _ := unsigned(exprs, ins.Imm, 32); g >= uint64(imported) {
					f |= FeatureExtendedConst
				}
			case OpRefNull:
				f |= heapFeatures(exprs, ins.Imm)
			}
			f |= ins.Op.features()
		}
	}
	return f
}
