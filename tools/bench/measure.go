package main

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"
)

// batch runs an operation n times and returns how long that took. It measures by itself, because
// one that runs in another process would otherwise be charged for the way there.
type batch func(n int) time.Duration

// timed makes a batch of a loop. The loop is inside of op, so that the price of calling op is paid
// once a batch and not once an operation.
func timed(op func(n int)) batch {
	return func(n int) time.Duration {
		start := time.Now()
		op(n)
		return time.Since(start)
	}
}

// row is one implementation in a group.
type row struct {
	name    string
	batch   batch
	allocs  bool // count allocations
	targets []target
	longest func(n int) ([]time.Duration, error) // instead of a batch: that often, and the longest time counts
}

// budget is how much time a group gets.
type budget struct {
	batch  time.Duration // shortest batch: long against the clock's resolution, short against a time slice
	group  time.Duration // for all batches of a group
	rounds int           // at least, whatever the time
	stops  int           // of each guest that is stopped
}

var (
	full  = budget{batch: 200 * time.Microsecond, group: 3 * time.Second, rounds: 10, stops: 100}
	short = budget{batch: 100 * time.Microsecond, group: 600 * time.Millisecond, rounds: 5, stops: 10}
)

// interleave measures rows in turns until the time is over.
func interleave(rows []row, b budget) []measurement {
	out := make([]measurement, len(rows))
	for i, r := range rows {
		out[i] = measurement{Name: r.name, Iterations: calibrate(r.batch, b.batch)}
	}
	runtime.GC() // what earlier groups left behind is not this group's price
	samples := make([][]float64, len(rows))
	start := time.Now()
	for round := 0; round < b.rounds || time.Since(start) < b.group; round++ {
		for k := range rows {
			i := (k + round) % len(rows) // nobody always comes after the same one
			n := out[i].Iterations
			samples[i] = append(samples[i], float64(rows[i].batch(n).Nanoseconds())/float64(n))
		}
	}
	for i, r := range rows {
		slices.Sort(samples[i])
		out[i].Rounds = len(samples[i])
		out[i].Best, out[i].Median = samples[i][0], samples[i][len(samples[i])/2]
		if r.allocs {
			n := testing.AllocsPerRun(100, func() { r.batch(1) })
			out[i].Allocs = &n
		}
	}
	return out
}

// longest measures rows one after the other, of each the longest time of many.
func longest(rows []row, b budget) ([]measurement, error) {
	out := make([]measurement, len(rows))
	for i, r := range rows {
		times, err := r.longest(b.stops)
		if why, ok := err.(skipped); ok {
			out[i] = measurement{Name: r.name, Skipped: string(why)}
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		slices.Sort(times)
		ns := func(i int) float64 { return float64(times[i].Nanoseconds()) }
		out[i] = measurement{Name: r.name, Best: ns(0), Median: ns(len(times) / 2), Max: ns(len(times) - 1), Rounds: len(times), Iterations: 1}
	}
	return out, nil
}

// calibrate finds how many operations take as long as a batch should, and warms everything up meanwhile.
func calibrate(run batch, want time.Duration) int {
	const most = 1 << 24
	run(1)
	n := 1
	for {
		d := run(n)
		if d >= want || n >= most {
			return n
		}
		// Never more than tenfold: the first batches run cold and mislead.
		grown := 10 * n
		if d > 0 {
			grown = int(float64(n) * 1.2 * float64(want) / float64(d))
		}
		n = min(max(grown, n+1), 10*n, most)
	}
}

// group is a table of rows about one operation. The first row is the one to which ratios refer.
type group struct {
	name  string // short, for -run
	title string
	rows  func(*env) (rows []row, done func(), err error)
}

// groups are all groups, in the order of the table.
var groups = slices.Concat(callGroups, callbackGroups, kernelGroups, stageGroups, lifeGroups, meterKernelGroups(), recipeGroups(), stopGroups, numpyGroups)

// skipped is the error of a group or of a row that cannot be measured here, with the reason.
type skipped string

func (s skipped) Error() string { return string(s) }

// measure runs a group.
func (g group) measure(e *env, b budget) (measuredGroup, error) {
	out := measuredGroup{Name: g.name, Title: g.title}
	rows, done, err := g.rows(e)
	if why, ok := err.(skipped); ok {
		out.Skipped = string(why)
		return out, nil
	}
	if err != nil {
		return out, err
	}
	defer done()
	rows = slices.DeleteFunc(rows, func(r row) bool { return r.batch == nil && r.longest == nil })
	if len(rows) == 0 {
		return out, fmt.Errorf("no rows")
	}
	if rows[0].longest == nil {
		out.Rows = interleave(rows, b)
	} else if out.Rows, err = longest(rows, b); err != nil {
		return out, err
	}
	for i, r := range rows {
		if out.Rows[i].Skipped != "" {
			continue
		}
		for _, t := range r.targets {
			out.Rows[i].Targets = append(out.Rows[i].Targets, t.judge(out.Rows[i], out.Rows))
		}
	}
	return out, nil
}
