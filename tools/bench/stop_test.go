package main

import (
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asCommand makes the test's program the command, which rows of stops start.
const asCommand = "BENCH_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestLongest(t *testing.T) {
	ms := time.Millisecond
	times := func(list ...time.Duration) func(int) ([]time.Duration, error) {
		return func(int) ([]time.Duration, error) { return list, nil }
	}
	fails := func(err error) func(int) ([]time.Duration, error) {
		return func(int) ([]time.Duration, error) { return nil, err }
	}
	rows := func(list ...row) func(*env) ([]row, func(), error) {
		return func(*env) ([]row, func(), error) { return list, func() {}, nil }
	}
	g := group{name: "stop", rows: rows(
		row{name: "loop", longest: times(2*ms, 30*ms, 1*ms), targets: []target{{must: stopMust}}},
		row{name: "tree", longest: fails(skipped("not within 2s")), targets: []target{{must: stopMust}}})}
	got, err := g.measure(nil, short)
	require.NoError(t, err)
	require.Equal(t, 1e6, got.Rows[0].Best)
	require.Equal(t, 2e6, got.Rows[0].Median)
	require.Equal(t, 30e6, got.Rows[0].Max)
	require.Equal(t, missed, got.Rows[0].Targets[0].Verdict, "the longest counts")
	require.Equal(t, measurement{Name: "tree", Skipped: "not within 2s"}, got.Rows[1])

	g.rows = rows(row{name: "loop", longest: fails(errors.New("no guest"))})
	_, err = g.measure(nil, short)
	require.EqualError(t, err, "loop: no guest")
}

// Every guest that rows stop is there, and is stopped.
func TestAttackersAreStopped(t *testing.T) {
	for _, a := range attackers {
		t.Run(a.name, func(t *testing.T) {
			times, err := stopsOf(a.name, byCancel, 2, 2)
			require.NoError(t, err)
			require.Len(t, times, 2)
			times, err = stopsOf(a.name, byDeadline, 1, 1)
			require.NoError(t, err)
			require.Len(t, times, 1)
		})
	}
	_, err := newAttacker("nobody")
	require.EqualError(t, err, `no guest is called "nobody"`)
}

func TestStopsInChild(t *testing.T) {
	child := func(guest string) *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-engine-stops", guest)
		cmd.Env = append(os.Environ(), asCommand+"=1")
		return cmd
	}
	times, err := stopsInChild(child("loop"), 3, 10*time.Second)
	require.NoError(t, err)
	require.Len(t, times, 3)
	_, err = stopsInChild(child("tree"), 3, 300*time.Millisecond)
	require.Equal(t, skipped("not within 300ms"), err, "the engine does not look in calls")
}
