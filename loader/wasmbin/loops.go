package wasmbin

// loopLevels is how deep open blocks are told apart; those below count as loops.
const loopLevels = 8192

// loops counts loops among open blocks.
type loops struct {
	depth uint64 // open blocks
	loops uint64 // of these
	is    [loopLevels / 64]uint64
}

// push opens a block; the result is how many loops are open then.
func (l *loops) push(loop bool) uint64 {
	if l.depth < loopLevels {
		word, bit := &l.is[l.depth/64], uint64(1)<<(l.depth%64)
		*word &^= bit
		if loop {
			*word |= bit
		}
	} else {
		loop = true
	}
	l.depth++
	if loop {
		l.loops++
	}
	return l.loops
}

// pop closes the innermost block. With none open, it is the body that ends.
func (l *loops) pop() {
	if l.depth == 0 {
		return
	}
	l.depth--
	if l.depth >= loopLevels || l.is[l.depth/64]>>(l.depth%64)&1 == 1 {
		l.loops--
	}
}
