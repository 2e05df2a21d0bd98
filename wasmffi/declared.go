package wasmffi

import (
	"errors"
	"fmt"

	"github.com/wasmffi/go/constraints"
)

// Signatures are those that the module carries, in its custom section "wasmffi" or
// else in the file beside it, by name in the order of the text; nil when it carries
// none. They are claims by whoever made the module. The error says why what it carries cannot be
// read; the module works without, with signatures that the caller gives.
func (m *Module) Signatures() (*constraints.File, error) {
	m.carried.Do(func() {
		if m.sigText == nil || m.sigErr != nil {
			return
		}
		f, err := constraints.ParseFile(string(m.sigText))
		if err != nil {
			m.sigErr = fmt.Errorf("wasmffi: %s: signatures in %s: %w", m.name, m.sigFrom, err)
			return
		}
		m.sigs = f
	})
	return m.sigs, m.sigErr
}

// declared is the signature that the module carries for an export.
func (m *Module) declared(name string) (*constraints.Signature, error) {
	f, err := m.Signatures()
	if err != nil {
		return nil, err
	}
	if f == nil {
		return nil, fmt.Errorf("%w: module %s carries no signatures", ErrNotFound, m.name)
	}
	if s, ok := f.Lookup(name); ok {
		return s, nil
	}
	return nil, fmt.Errorf("%w: module %s carries no signature of %q", ErrNotFound, m.name, name)
}

// implement holds a signature that the caller gave against the export, and
// against the one that the module carries, if it carries one that can be read.
func (m *Module) implement(s *constraints.Signature) (*plan, error) {
	p, err := m.plan(s)
	if err != nil {
		return nil, err
	}
	if own, err := m.declared(s.Name); err == nil && !own.Equal(s) {
		return nil, fmt.Errorf("%s: %w: the module carries another one\n  given:   %s\n  carried: %s", s.Name, ErrSignature, s, own)
	}
	return p, nil
}

// Implements reports what keeps the module from having a function for each of the signatures: an
// export that is missing or of another wasm type, or a carried signature that differs. It
// names them all, joined; nil says that each can be bound.
func (m *Module) Implements(sigs ...string) error {
	var errs []error
	for _, text := range sigs {
		s, err := constraints.Parse(text)
		if err == nil {
			_, err = m.implement(s)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("wasmffi: %s: %w", m.name, errors.Join(errs...))
}
