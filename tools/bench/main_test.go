package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files")

// sample is a report with every verdict, unit and kind of row.
func sample() report {
	none, some := 0.0, 2.0
	judge := func(m measurement, rows []measurement, targets ...target) measurement {
		for _, t := range targets {
			m.Targets = append(m.Targets, t.judge(m, rows))
		}
		return m
	}
	c := measurement{Name: "cgo", Best: 40.25, Median: 44, Rounds: 10, Iterations: 5000}
	call := measurement{Name: "wasmffi", Best: 100, Median: 101, Rounds: 10, Iterations: 2000, Allocs: &none}
	leaky := measurement{Name: "wasmffi with <garbage>", Best: 50, Median: 51, Rounds: 10, Iterations: 4000, Allocs: &some}
	slow := measurement{Name: "numpy", Best: 1234567, Median: 1300000, Rounds: 10, Iterations: 1}
	rows := []measurement{c, slow}
	return report{
		Machine: machine{CPU: "Imaginary 486 & Co", CPUs: 2, Go: "go1.25.0", OS: "linux", Arch: "amd64", Compiler: "gcc 2.95", Engine: "wazero v1.12.0"},
		Date:    time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Command: "go run . -quick",
		Groups: []measuredGroup{
			{Name: "call", Title: "overhead of a call", Rows: []measurement{
				c,
				judge(call, rows, target{against: "cgo", must: 3, goal: 2}, target{against: "numpy", faster: true, must: 25, goal: 50}, target{against: "cgo"}),
				judge(leaky, rows, target{against: "cgo", must: 3, goal: 2}),
				judge(slow, rows, target{against: "cgo", must: 3}, target{against: "gone", must: 1}, target{must: 1500}),
			}},
			{Name: "stop", Title: "stops", Rows: []measurement{
				judge(measurement{Name: "loop", Best: 20_000, Median: 150_000, Max: 2_000_000, Rounds: 100, Iterations: 1}, nil, target{must: 10_000}),
				{Name: "  another engine", Skipped: "not within 2s"},
				judge(measurement{Name: "faults", Best: 20_000, Median: 150_000, Max: 50_000_000, Rounds: 100, Iterations: 1}, nil, target{}),
			}},
			{Name: "numpy", Title: "against numpy", Skipped: "no numpy"},
		},
	}
}

func TestWriters(t *testing.T) {
	for name, write := range map[string]func(io.Writer, report) error{"table.txt": writeTable, "report.json": writeJSON, "picture.svg": writeSVG} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			require.NoError(t, write(&got, sample()))
			file := filepath.Join("testdata", name)
			if *update {
				require.NoError(t, os.WriteFile(file, got.Bytes(), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), got.String())
		})
	}
}

func TestTableWithoutCgo(t *testing.T) {
	var got bytes.Buffer
	r := sample()
	r.Machine.Compiler = ""
	require.NoError(t, writeTable(&got, r))
	require.Contains(t, got.String(), "the rows that need it are left out")
}

func TestPictureIsWellFormed(t *testing.T) {
	var svg bytes.Buffer
	require.NoError(t, writeSVG(&svg, sample()))
	d := xml.NewDecoder(&svg)
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else {
			require.NoError(t, err)
		}
	}
}

func TestReportSurvivesJSON(t *testing.T) {
	var text bytes.Buffer
	require.NoError(t, writeJSON(&text, sample()))
	var back report
	require.NoError(t, json.Unmarshal(text.Bytes(), &back))
	require.Equal(t, sample(), back)
}

func TestVerdicts(t *testing.T) {
	garbage := 1.0
	rows := []measurement{{Name: "base", Best: 100}}
	for name, c := range map[string]struct {
		target target
		ns     float64
		allocs *float64
		want   verdict
	}{
		"at the goal":            {target{against: "base", must: 3, goal: 2}, 200, nil, goalMet},
		"at the must":            {target{against: "base", must: 3, goal: 2}, 300, nil, mustMet},
		"beyond the must":        {target{against: "base", must: 3, goal: 2}, 301, nil, missed},
		"no goal":                {target{against: "base", must: 3}, 1, nil, mustMet},
		"fast with garbage":      {target{against: "base", must: 3, goal: 2}, 1, &garbage, missed},
		"garbage is allowed":     {target{against: "base", garbage: true, must: 3, goal: 2}, 1, &garbage, goalMet},
		"fast enough":            {target{against: "base", faster: true, must: 25, goal: 50}, 4, nil, mustMet},
		"faster than wanted":     {target{against: "base", faster: true, must: 25, goal: 50}, 2, nil, goalMet},
		"not fast enough":        {target{against: "base", faster: true, must: 25, goal: 50}, 5, nil, missed},
		"a time":                 {target{must: 150, goal: 100}, 120e3, nil, mustMet},
		"without the baseline":   {target{against: "gone", must: 3}, 1, nil, noBaseline},
		"nothing demanded":       {target{against: "base"}, 1000, nil, shown},
		"no demand, no baseline": {target{against: "gone"}, 1000, nil, noBaseline},
	} {
		m := measurement{Best: c.ns, Allocs: c.allocs}
		require.Equal(t, c.want, c.target.judge(m, rows).Verdict, name)
	}
}

func TestCalibrate(t *testing.T) {
	perOp := 30 * time.Microsecond
	n := calibrate(func(n int) time.Duration { return time.Duration(n) * perOp }, time.Millisecond)
	require.GreaterOrEqual(t, time.Duration(n)*perOp, time.Millisecond)
	require.Less(t, n, 100)
	require.Equal(t, 1<<24, calibrate(func(int) time.Duration { return 0 }, time.Millisecond), "a clock that stands still")
}

func TestInterleave(t *testing.T) {
	var order []int
	fake := func(name string, i int, ns ...int) row {
		calls := 0
		return row{name: name, batch: func(n int) time.Duration {
			order = append(order, i)
			calls++
			return time.Duration(n * ns[calls%len(ns)])
		}}
	}
	got := interleave([]row{fake("a", 0, 100, 300, 200), fake("b", 1, 50)}, budget{batch: 1, rounds: 6})
	require.Equal(t, 100.0, got[0].Best)
	require.Equal(t, 200.0, got[0].Median)
	require.Equal(t, 50.0, got[1].Best)
	require.Equal(t, []int{0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0}, order[len(order)-12:], "rows take turns in going first")
}

func TestCommandLine(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"a list":               {[]string{"-list"}, 0, "numpy"},
		"nothing matches":      {[]string{"-run", "^$"}, 0, "0 MISSED"},
		"a bad expression":     {[]string{"-run", "("}, 2, "missing closing"},
		"an unknown flag":      {[]string{"-slow"}, 2, "not defined"},
		"an argument too many": {[]string{"dot"}, 2, `unexpected argument "dot"`},
		"help":                 {[]string{"-h"}, 0, "-quick"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			require.Equal(t, c.code, run(c.args, &out, &out), out.String())
			require.Contains(t, out.String(), c.says)
		})
	}
}
