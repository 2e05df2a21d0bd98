package constraints

import (
	"encoding/json"
	"log/slog"
)

// record is a TypeError for machines. Empty fields are left out.
type record struct {
	Msg       string `json:"msg"`
	Func      string `json:"func,omitempty"`
	Arg       int    `json:"arg,omitempty"`
	Index     int    `json:"index,omitempty"`
	Param     string `json:"param,omitempty"`
	Field     string `json:"field,omitempty"`
	Got       string `json:"got,omitempty"`
	Want      string `json:"want,omitempty"`
	From      string `json:"from,omitempty"`
	Hint      string `json:"hint,omitempty"`
	Kind      string `json:"kind,omitempty"`
	Signature string `json:"signature,omitempty"`
	CalledAs  string `json:"called_as,omitempty"`
	Bound     string `json:"bound,omitempty"`
}

// MarshalJSON is an object of the message, "msg", and the fields that are not empty,
// in lower case; "kind" is the text of the sentinel.
func (e *TypeError) MarshalJSON() ([]byte, error) {
	r := record{e.Error(), e.Func, e.Arg, e.Index, e.Param, e.Field, e.Got, e.Want, e.From, e.Hint, "", e.Signature, e.CalledAs, e.Bound}
	if e.Kind != nil {
		r.Kind = e.Kind.Error()
	}
	return json.Marshal(r)
}

// LogValue is a group of the message, "msg", and of the fields that tell what was compared.
func (e *TypeError) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("msg", e.Error())}
	for _, a := range []slog.Attr{
		slog.String("func", e.Func), slog.String("param", e.Param), slog.String("field", e.Field),
		slog.String("got", e.Got), slog.String("want", e.Want), slog.String("from", e.From), slog.String("hint", e.Hint),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if e.Arg > 0 {
		attrs = append(attrs, slog.Int("arg", e.Arg))
	}
	return slog.GroupValue(attrs...)
}
