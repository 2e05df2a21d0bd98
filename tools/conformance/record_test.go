package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Lines that no generator writes are refused, with the key that is at fault.
func TestMalformed(t *testing.T) {
	array, structured := recordedLines(t, arrayFile)[0], recordedLines(t, arrayFile)[42]
	layout, oddLayout := recordedLines(t, layoutFile)[0], recordedLines(t, oddLayoutFile)[0]
	flags, shape := recordedLines(t, ctorFile)[0], recordedLines(t, ctorFile)[95]
	for name, c := range map[string]struct{ verb, line, was, is, want string }{
		"key missing":       {"ndpointer", array, `"verdict":`, `"judgement":`, `key "verdict" is missing`},
		"key in other case": {"ndpointer", array, `"owndata":`, `"OwnData":`, `key "array.owndata" is missing`},
		"null":              {"ndpointer", array, `"writeable":true`, `"writeable":null`, `array.writeable is null`},
		"null in a list":    {"ndpointer", array, `"strides":[8]`, `"strides":[null]`, `array.strides[0] is null`},
		"null for a list":   {"ndpointer", array, `"all_failed":["shape","flags"]`, `"all_failed":null`, `all_failed is null`},
		"null for a dtype":  {"ndpointer", array, `"dtype":"<i8","itemsize"`, `"dtype":null,"itemsize"`, `dtype "null" is neither a string nor an object`},
		"list for a dtype":  {"ndpointer", array, `"dtype":"<i8","itemsize"`, `"dtype":[],"itemsize"`, `dtype "[]" is neither a string nor an object`},
		"no dtype":          {"ndpointer", array, `"dtype":"<i8","itemsize"`, `"dtype":{},"itemsize"`, `key "base" is missing`},
		"wrong type":        {"ndpointer", array, `"offset":0`, `"offset":"0"`, `json: cannot unmarshal string into Go struct field `},
		"fraction":          {"ndpointer", array, `"offset":0`, `"offset":0.5`, `json: cannot unmarshal number 0.5 into Go struct field `},
		"no object":         {"ndpointer", array, array, `[]`, `json: cannot unmarshal array into Go value of type main.arrayCase`},
		"null alone":        {"ndpointer", array, array, `null`, ` is null`},

		"section unknown":    {"ndpointer", array, `"basic"`, `"simple"`, `section is "simple", want basic, exotic or structured`},
		"section of structs": {"ndpointer", array, `"basic"`, `"structured"`, `section is "structured", but not the dtype`},
		"section of numbers": {"ndpointer", structured, `"structured"`, `"basic"`, `section is "basic", but not the dtype`},
		"too few strides":    {"ndpointer", array, `"strides":[8]`, `"strides":[]`, `array has 1 dimensions and 0 strides`},
		"negative offset":    {"ndpointer", array, `"offset":0`, `"offset":-1`, `array at byte -1 of a buffer of 24, want 0 to 1048576`},
		"huge buffer":        {"ndpointer", array, `"buffer_len":24`, `"buffer_len":1048577`, `array at byte 0 of a buffer of 1048577, want 0 to 1048576`},
		"span of three":      {"ndpointer", array, `"span":[0,24]`, `"span":[0,24,0]`, `span has 3 numbers, want 2`},
		"verdict unknown":    {"ndpointer", array, `"reject"`, `"maybe"`, `verdict is "maybe", want accept or reject`},
		"only dtype_in":      {"ndpointer", array, `"restrict":{"dtype":"<i8"`, `"restrict":{"dtype":null`, `restrict has only one of dtype and dtype_in`},
		"restricted to text": {"ndpointer", array, `"shape_in":[]`, `"shape_in":"ab"`, `restrict has a shape that is no list of integers`},
		"flags of a float":   {"ndpointer", array, `"flags":8195,`, `"flags":1.5,`, `restrict.flags is 1.5, want null, names or an integer`},
		"as_ctypes half ok":  {"ndpointer", array, `"as_ctypes":{"ok":true`, `"as_ctypes":{"ok":false`, `as_ctypes is ok: false, want exc and error when it is not, else null`},
		"as_ctypes ok half":  {"ndpointer", structured, `"as_ctypes":{"ok":false`, `"as_ctypes":{"ok":true`, `as_ctypes is ok: true, want exc and error when it is not, else null`},
		"a field's key":      {"ndpointer", structured, `"name":"z0"`, `"nom":"z0"`, `key "struct[0].name" is missing`},
		"a field's offset":   {"ndpointer", structured, `"offset":16`, `"offset":null`, `struct[1].offset is null`},

		"mode unknown":       {"layouts", layout, `"packed"`, `"C"`, `mode is "C", want align, packed or explicit`},
		"spec of a number":   {"layouts", layout, layout[strings.Index(layout, `{"struct"`):strings.Index(layout, `,"itemsize":242,"alignment":1,"isaligned`)], `"<f8"`, `spec is no struct`},
		"other field":        {"layouts", layout, `"name":"w3","offset":234`, `"name":"w3","offset":235`, `spec is not what itemsize, alignment, isalignedstruct and fields say`},
		"no field":           {"layouts", layout, `,{"name":"w3","offset":234,"itemsize":8,"alignment":8,"dtype":"<f8"}`, ``, `spec is not what itemsize, alignment, isalignedstruct and fields say`},
		"ctypes half ok":     {"layouts", layout, `"ctypes":{"ok":false`, `"ctypes":{"ok":true`, `ctypes is ok: true, want kind, size, alignment and fields when it is, else null`},
		"ctypes ok with exc": {"layouts", oddLayout, `"exc":null`, `"exc":"TypeError"`, `ctypes is ok: true, want exc and error when it is not, else null`},

		"arg unknown":         {"ctor", flags, `"arg": "flags"`, `"arg": "dtype"`, `arg is "dtype", want flags, shape or ndim`},
		"flags without num":   {"ctor", flags, `"num": 1,`, ``, `key "num" is missing`},
		"ok but num null":     {"ctor", flags, `"num": 1,`, `"num": null,`, `ok is true, want num and reported when it is, num null for null`},
		"ok but no names":     {"ctor", flags, `, "reported": ["C_CONTIGUOUS"]`, ``, `ok is true, want num and reported when it is, num null for null`},
		"names null":          {"ctor", flags, `["C_CONTIGUOUS"]`, `null`, `reported is null for "C"`},
		"names of numbers":    {"ctor", flags, `["C_CONTIGUOUS"]`, `[1]`, `json: cannot unmarshal number into Go value of type string`},
		"num but not ok":      {"ctor", flags, `"ok": true`, `"ok": false`, `ok is false, want num and reported when it is, num null for null`},
		"shape without shape": {"ctor", shape, `"shape": [1, 2]`, `"form": ""`, `key "shape" is missing`},
		"shape of text":       {"ctor", shape, `"shape": [1, 2]`, `"shape": "ab"`, `shape is no list of integers, but value is`},
		"ndim of text":        {"ctor", shape, `"arg": "shape", "value": [1, 2]`, `"arg": "ndim", "value": "2"`, `json: cannot unmarshal string into Go value of type int`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, c.line, c.was)
			_, err := verbs[c.verb]([]byte(strings.Replace(c.line, c.was, c.is, 1)))
			if strings.HasPrefix(c.want, "json: ") {
				require.ErrorContains(t, err, c.want) // how Go names the field is Go's business
			} else {
				require.EqualError(t, err, c.want)
			}
		})
	}
}

// Records that agree with themselves and speak of what a rule of design.go is
// about: numpy has come to agree with us, so that the rule is no longer true,
// or does something else than the rule says.
func TestForged(t *testing.T) {
	for name, c := range map[string]struct {
		file, id string // of the record
		was, is  string
		want     []string
	}{
		"32 agrees": {ctorFile, `"arg": "ndim", "value": 33`, `"ok": true`, `"ok": false`, []string{
			`foretold by row 32: ok: numpy true, we false`}},
		"35 agrees": {ctorFile, `"value": "ab"`, `"ok": true`, `"ok": false`, []string{
			`foretold by row 35: ok: numpy true, we false`}},
		"35 takes one": {ctorFile, `"value": [-1, 3]`, `, "message_for_2x3": "array must have shape (-1, 3)"`, ``, []string{
			`foretold by row 35: on (2, 3): numpy "reject for shape", we "accept"`}},
		"39 agrees": {ctorFile, `"value": ["C,W"]`, `"ok": false, "num": null`, `"ok": true, "reported": ["C_CONTIGUOUS", "WRITEABLE"], "num": 1025`, []string{
			`foretold by row 39: ok: numpy false, we true`, `foretold by row 39: num: numpy "refused", we "0x401"`}},
		"40 agrees": {ctorFile, `"value": 512`, `"ok": true, "num": 512`, `"ok": false, "num": null`, []string{
			`num: numpy "refused", we "0x200"`, `foretold by row 40: ok: numpy true, we false`}},
		"42 agrees": {ctorFile, `"value": "U"`, `"ok": false, "num": null`, `"ok": true, "num": 8192, "reported": ["WRITEBACKIFCOPY"]`, []string{
			`ok: numpy true, we false`, `foretold by row 42: num: numpy "refused", we "0x2000"`}},
		"48 agrees": {ctorFile, `"value": "C,C"`, `"num": 2`, `"num": 1`, []string{
			`foretold by row 48: num: numpy "0x2", we "0x1"`}},
		"48 of three": {ctorFile, `"value": "A,A,A,A"`, `"value": "A,A,A,A", "form": "str", "ok": true, "num": 1024`, `"value": "A,A,A", "form": "str", "ok": true, "num": 768`, []string{
			`reported: numpy "WRITEABLE", we "ALIGNED"`}}, // true would be ALIGNED, as 0x300 holds it
		"49 agrees": {ctorFile, `"value": "X"`, `"ok": true, "num": 8192`, `"ok": false, "num": null`, []string{
			`num: numpy "refused", we "0x2000"`, `foretold by row 49: ok: numpy true, we false`}},
		"106 agrees": {arrayFile, `'V20'`, `"ok":false,"exc":"NotImplementedError","error":"Converting dtype('V20') to a ctypes type"`, `"ok":true,"exc":null,"error":null`, []string{
			`foretold by row 106: as_ctypes: numpy "NotImplementedError: Converting dtype('V20') to a ctypes type", we "ok"`}},
		"106 of integers": {arrayFile, `"id":0,`, `"as_ctypes":{"ok":true,"exc":null,"error":null`, `"as_ctypes":{"ok":false,"exc":"NotImplementedError","error":"Converting dtype('int64') to a ctypes type"`, []string{
			`as_ctypes: numpy "NotImplementedError: Converting dtype('int64') to a ctypes type", we "ok"`}},
		"107 of overlaps": {oddLayoutFile, `"Overlapping fields"`, `Overlapping fields`, `Converting dtype('float16') to a ctypes type`, []string{
			`ctypes.error: numpy "NotImplementedError: Converting dtype('float16') to a ctypes type", we "NotImplementedError: Overlapping fields"`}},
	} {
		t.Run(name, func(t *testing.T) {
			lines := recordedLines(t, c.file)
			at := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, c.id) })
			require.GreaterOrEqual(t, at, 0)
			line := lines[at]
			require.Contains(t, line, c.was)
			line = strings.Replace(line, c.was, c.is, 1)
			if strings.Contains(c.is, `"ok": false`) { // then no names are reported
				line = regexp.MustCompile(`, "reported": \[[^\]]*\]`).ReplaceAllString(line, "")
			}
			o, err := verbs[verbOf[c.file]]([]byte(line))
			require.NoError(t, err)
			o.settle()
			var got []string
			for _, d := range o.differs {
				got = append(got, d.String())
			}
			require.Equal(t, c.want, got)
		})
	}
}

// No line makes a replay panic, and none is both compared and malformed.
func FuzzReplay(f *testing.F) {
	for name, verb := range verbOf {
		for _, line := range recordedLines(f, name) {
			f.Add(verb, []byte(line))
		}
	}
	f.Fuzz(func(t *testing.T, verb string, line []byte) {
		replay, ok := verbs[verb]
		if !ok {
			return
		}
		o, err := replay(line)
		require.Equal(t, err == nil, o != nil)
		if o != nil {
			newReport(3).add("", o)
		}
	})
}
