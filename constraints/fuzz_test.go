package constraints_test

import (
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
)

// wellFormed holds a signature that was read to what is promised of every one.
func wellFormed(t *testing.T, s *constraints.Signature) {
	text := s.String()
	require.LessOrEqual(t, len(text), constraints.MaxText)
	require.True(t, utf8.ValidString(text))
	require.LessOrEqual(t, len(s.Params), constraints.MaxParams)
	require.LessOrEqual(t, len(s.Structs), constraints.MaxStructs)
	symbols := map[string]bool{}
	for _, p := range s.Params {
		if a, ok := p.Type.(constraints.ArrayOf); ok {
			require.LessOrEqual(t, len(a.Dims), constraints.MaxDims)
			for _, d := range a.Dims {
				require.GreaterOrEqual(t, d.N, 0)
				symbols[d.Name] = true
			}
		}
	}
	delete(symbols, "")
	delete(symbols, "_")
	require.LessOrEqual(t, len(symbols), constraints.MaxSymbols)

	again, err := constraints.Parse(text)
	require.NoError(t, err, "String is read back: %s", text)
	require.Equal(t, text, again.String())
	require.Equal(t, len(s.Structs), len(again.Structs))
	for i, p := range s.Params {
		if a, ok := p.Type.(constraints.ArrayOf); ok {
			b := again.Params[i].Type.(constraints.ArrayOf)
			require.True(t, a.Elems[0].DType.Equal(b.Elems[0].DType), "%s: parameter %d", text, i)
		}
	}
	c, err := constraints.Compile(s)
	require.NoError(t, err, text)
	require.Equal(t, text, c.String())
	any1, err := constraints.ParseFunc("func(f64[1], n: i32, i8[n]) -> i32")
	require.NoError(t, err)
	for i := -1; i < len(s.Params); i++ {
		f, ok := s.Func(i)
		if !ok {
			continue
		}
		_ = f.Accepts(any1)
		if alone, err := constraints.ParseFunc(f.String()); err == nil {
			wellFormedFunc(t, alone, 1, 2)
			require.NoError(t, f.Accepts(alone))
		}
	}
	b := c.NewBinding()
	for nargs := range len(s.Params) + 2 {
		if e := c.Start(b, nargs); e != nil {
			_ = e.Detail()
			continue
		}
		_ = c.Check(b)
		_, _ = c.ResultShape(b)
		for i := range s.Params {
			switch c.Role(i) {
			case constraints.Derived:
				_, _ = c.Value(b, i)
			case constraints.Array:
				_, _ = c.OutShape(b, i)
			case constraints.Function:
				_ = c.CheckFunc(b, i, any1)
				if f, _ := s.Func(i); f.Accepts(f) == nil {
					_ = c.CheckFunc(b, i, f)
				}
			}
			require.Less(t, c.Arg(b, i), nargs)
		}
	}
}

// wellRefused holds an error to what is promised: a place in the text, and no more
// words than the text gives cause for.
func wellRefused(t *testing.T, err error) {
	var pe *constraints.ParseError
	require.True(t, errors.As(err, &pe))
	require.GreaterOrEqual(t, pe.Pos, 0)
	require.LessOrEqual(t, pe.Pos, len(pe.Text))
	require.True(t, pe.Pos == len(pe.Text) || utf8.RuneStart(pe.Text[pe.Pos]) || !utf8.ValidString(pe.Text), "%d in %q", pe.Pos, pe.Text)
	require.LessOrEqual(t, len(pe.Msg), 4*constraints.MaxText)
	require.True(t, utf8.ValidString(pe.Detail()))
}

func FuzzParse(f *testing.F) {
	for _, tt := range accepted {
		f.Add(tt.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := constraints.Parse(text)
		if err != nil {
			wellRefused(t, err)
			return
		}
		wellFormed(t, s)
	})
}

func FuzzParseFile(f *testing.F) {
	for _, tt := range accepted {
		f.Add(tt.text)
	}
	f.Add("wasmffi 1\nf(p: Pp[n], n: size)\ntype Pp = {x: f32[2]}\n# end\nf(p:Pp[n],n:size);g() -> i32 ok(0)")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := constraints.ParseFile(text)
		if err != nil {
			wellRefused(t, err)
			return
		}
		require.LessOrEqual(t, len(file.Signatures), constraints.MaxSignatures)
		require.LessOrEqual(t, len(file.Structs), constraints.MaxStructs)
		names := map[string]bool{}
		for _, s := range file.Signatures {
			require.False(t, names[s.Name], "%q twice", s.Name)
			names[s.Name] = true
			wellFormed(t, s)
		}
	})
}
