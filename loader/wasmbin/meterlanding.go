package wasmbin

import "slices"

// landing is where a clause lands that leads out of further try_tables. The engine forgets the one that caught, and no other: a branch
// must leave those, from a block right around the try_table. The landings of one are in each other:
//
//	block                        // that of every try_table
//	  block                      // landing 1, for a target
//	    block                    // landing 2, for another
//	      try_table ... end
//	      br 2
//	    end
//	    br target of 2
//	  end
//	  br target of 1
//	end
//
// Such a block has the parameters of the try_table, which pass through, and the results that its target takes.
type landing struct {
	target int    // the open block
	typ    []byte // of the block, in binary form
}

// landingType is a type of landings: by the types of the blocks, and whether the target is a loop.
type landingType struct {
	params, target blockKey
	loop           bool
}

// blockKey is the type of a block: the index, or -1 and the result, which is 0 for none.
type blockKey struct {
	index  int64
	result ValueType
}

// maxLandingValues is how many parameters and results the types of landings of try_tables with parameters may have, all together: each such
// type with each type of a target could be far more than there is in the module.
const maxLandingValues = 1 << 20

// plant appends the landings of a try_table, which is not open yet. Where ok is false their types would be too many: then there are none, and
// the try_table must not be entered.
func (w *meterBody) plant(ins Instruction) (ok bool) {
	first, level, usable := len(w.landings), w.level(), true
	key, params, _ := w.blockTypeAt(ins.Imm)
	labels(w.code, ins, func(_, _ int, label uint32) {
		t := len(w.blocks) - 1 - int(label)
		b := &w.blocks[t]
		if b.goal > 0 || !usable || b.behind == level {
			return
		}
		typ, ok := w.landingType(key, params, t)
		if !ok {
			usable = false
			return
		}
		w.landings = append(w.landings, landing{t, typ})
		b.goal = uint32(len(w.landings) - first)
	})
	if !usable {
		for _, l := range w.landings[first:] {
			w.blocks[l.target].goal = 0
		}
		w.landings = w.landings[:first]
	}
	return usable
}

// land ends a try_table with so many landings, which is not open any more, and these.
func (w *meterBody) land(n uint32) {
	first := len(w.landings) - int(n)
	w.out.op(OpEnd)
	w.out.op(OpBr, n)
	for n > 0 {
		n--
		w.out.op(OpEnd)
		w.out.op(OpBr, w.depth(uint32(len(w.blocks)-1-w.landings[first+int(n)].target))+1+n)
	}
	w.landings = w.landings[:first]
}

// landingType is the type of a landing for a target.
func (w *meterBody) landingType(key blockKey, params []ValueType, target int) (typ []byte, ok bool) {
	b := &w.blocks[target]
	k := landingType{params: key, loop: b.op == OpLoop}
	results := w.m.Types[w.typ].Results
	if target == 0 {
		k.target = blockKey{index: int64(w.typ)}
	} else {
		var in, out []ValueType
		k.target, in, out = w.blockTypeAt(b.at)
		if results = out; k.loop {
			results = in
		}
	}
	if len(params) == 0 {
		k.params = blockKey{}
	}
	if typ, ok = w.tries.types[k]; ok {
		return typ, true
	}
	if len(params) == 0 {
		typ = w.appendResults(nil, results)
	} else {
		n := len(params) + len(results)
		if w.tries.values+n > maxLandingValues {
			return nil, false
		}
		w.tries.values += n
		typ = appendSigned(nil, int64(w.m.AppendType(FuncType{Params: slices.Clone(params), Results: slices.Clone(results)})))
	}
	w.tries.types[k] = typ
	return typ, true
}

// blockTypeAt reads the type of a block.
func (w *meterBody) blockTypeAt(at int) (key blockKey, params, results []ValueType) {
	if c := w.code[at]; c == emptyBlock {
		return blockKey{index: -1}, nil, nil
	} else if c&0xc0 == emptyBlock {
		t, _, _ := valueType(w.code, at)
		return blockKey{-1, t}, nil, []ValueType{t}
	}
	i, _, _ := signed(w.code, at, heapBits)
	if i < 0 || i >= int64(len(w.m.Types)) { // not valid
		return blockKey{index: i}, nil, nil
	}
	return blockKey{index: i}, w.m.Types[i].Params, w.m.Types[i].Results
}
