package wasmffi

import (
	"fmt"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

// Func is an exported function bound to a signature. Bind once, call often:
// everything that can be known before a call is worked out here. A Func belongs to
// its Library and serves one goroutine at a time with it.
type Func struct {
	*plan
	lib      *Library
	entry    *entryPoint // of a function pointer one that stays empty
	frame    frame
	quick    *quick      // nil: every call goes the long way
	at       *pointee    // a function pointer; nil: an export
	limits   *CallLimits // instead of those of the options
	declared bool        // the module's own signature: it decides nothing about Go memory
}

// frame is the state of one call.
type frame struct {
	binding *constraints.Binding
	stack   []uint64
	there   []memview.Array // staged copies in guest memory
	texts   []string        // strings that are to be staged
	funcs   []*callback     // given for parameters that are functions; nil: there are none
	fitting []*callback     // that were found to be of the right type
	last    *resultMore     // outputs of the last call with several that staged nothing
}

func (p *plan) newFrame() frame {
	n := len(p.params)
	fr := frame{binding: p.checker.NewBinding(), stack: make([]uint64, max(n, 1)), there: make([]memview.Array, n), texts: make([]string, n)}
	if len(p.funcs) > 0 {
		fr.funcs, fr.fitting = make([]*callback, n), make([]*callback, n)
	}
	return fr
}

// forget drops the arrays of a call, so that the caller's slices are not kept alive.
func (fr *frame) forget() {
	clear(fr.there)
	clear(fr.texts)
	clear(fr.funcs)
	clear(fr.fitting)
	clear(fr.binding.Arrays)
}

// Func binds the export that a signature names. The signature is the whole truth
// about the call: see package constraints for the language. It fails when the
// text is no signature, the module has no such export (ErrNotFound), the
// export's wasm type is another one, or the module carries another signature for it
// (ErrSignature).
func (l *Library) Func(sig string) (*Func, error) {
	s, err := constraints.Parse(sig)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: %w", err)
	}
	p, err := l.in.module.implement(s)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: %w", err)
	}
	return l.bind(p)
}

// FuncOf binds an export as ctypes does: one type for each parameter, an
// NDPointer or a Scalar, and one for the result; nil for none. An NDPointer with dtype
// and shape as the result gives an Array; any other gives a Ptr (numpy rows 76
// and 77). A signature that the module carries is not looked at.
func (l *Library) FuncOf(name string, argtypes []constraints.Type, restype constraints.Type) (*Func, error) {
	s := &constraints.Signature{Name: name, Result: constraints.Result{Type: restype}}
	for _, t := range argtypes {
		s.Params = append(s.Params, constraints.Param{Type: t})
	}
	p, err := l.in.module.plan(s)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: %w", err)
	}
	return l.bind(p)
}

// DeclaredFunc binds an export with the signature that the module carries for it, in its
// section or in the file beside it: a claim by whoever made the module. It is for tools,
// and for modules that are trusted. What the claim says of memory is checked as
// ever; a Go slice or an Array over Go memory is written only where the caller wrapped
// it in InOut. ErrNotFound says that the module carries none for it.
func (l *Library) DeclaredFunc(name string) (*Func, error) {
	s, err := l.in.module.declared(name)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: %w", err)
	}
	p, err := l.in.module.plan(s)
	if err != nil {
		return nil, fmt.Errorf("wasmffi: %w", err)
	}
	f, err := l.bind(p)
	if err == nil {
		f.declared = true
	}
	return f, err
}

// bind makes a Func of an export.
func (l *Library) bind(p *plan) (*Func, error) {
	f, err := l.bindPlan(p)
	if err == nil {
		f.entry = l.in.entry(p.name)
	}
	return f, err
}

// bindPlan makes a Func that does not know yet what it is of.
func (l *Library) bindPlan(p *plan) (*Func, error) {
	if p.pointers && l.in.lease == nil {
		return nil, fmt.Errorf("wasmffi: %s: %w: the module has no memory for its arrays", p.name, ErrSignature)
	}
	if p.owned && !l.in.module.hasHeap() {
		return nil, fmt.Errorf("wasmffi: %s: %w: its result is owned, and the module exports no malloc(size) and free(ptr)", p.name, ErrNoAllocator)
	}
	if l.state.Load()&stateClosing != 0 {
		return nil, fmt.Errorf("wasmffi: %s: %w", p.name, ErrClosed)
	}
	return &Func{plan: p, lib: l, frame: p.newFrame(), quick: newQuick(p), entry: new(entryPoint)}, nil
}

// WithLimits is f with limits of its own instead of those of the options. It fails when the module is not metered, and l has Fuel or Time.
func (f *Func) WithLimits(l CallLimits) (*Func, error) {
	if l.metered() && f.lib.in.meter.global == nil {
		return nil, fmt.Errorf("wasmffi: %s: WithLimits: %w", f.name, errUnmetered)
	}
	g := *f
	g.frame, g.quick, g.limits = f.plan.newFrame(), newQuick(f.plan), &l
	return &g, nil
}

// Name is the name of the export; of a function pointer its type and value.
func (f *Func) Name() string { return f.name }

// Signature is what the function was bound with. It must not be changed.
func (f *Func) Signature() *constraints.Signature { return f.checker.Signature() }

// String is the text of the signature.
func (f *Func) String() string { return f.checker.String() }

// Library is the library that the function belongs to.
func (f *Func) Library() *Library { return f.lib }
