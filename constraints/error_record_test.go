package constraints_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/constraints"
	"github.com/wasmffi/go/memview"
)

func TestTypeErrorRecords(t *testing.T) {
	_, e := judge(t, compile(t, "dot(x: f64[n], y: f64[n], n: size) -> f64"), guest(t, memview.F64, 128), guest(t, memview.F64, 126))
	text, err := json.Marshal(e)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"msg": "dot: argument 2 \"y\": shape[0] is 126, want n=128 (from x.shape[0])",
		"func": "dot", "arg": 2, "index": 2, "param": "y", "field": "shape[0]", "got": "126", "want": "n=128", "from": "x.shape[0]",
		"kind": "shape does not fit", "signature": "dot(x: f64[n], y: f64[n], n: size) -> f64",
		"called_as": "dot(x: f64[128] @0x400, y: f64[126] @0x800)", "bound": "n=128 from x.shape[0]"
	}`, string(text))
	text, err = json.Marshal(&constraints.TypeError{Got: "x"})
	require.NoError(t, err)
	require.JSONEq(t, `{"msg": "x", "got": "x"}`, string(text))

	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	log.Error("refused", "err", e)
	require.Equal(t, `level=ERROR msg=refused err.msg="dot: argument 2 \"y\": shape[0] is 126, want n=128 (from x.shape[0])" `+
		`err.func=dot err.param=y err.field=shape[0] err.got=126 err.want="n=128" err.from=x.shape[0] err.arg=2`+"\n", out.String())
}
