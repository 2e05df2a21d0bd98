package wasmffi

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// What stands not in the snapshot is undone, for good.
func TestTimeline(t *testing.T) {
	var line timeline
	a := line.moment()
	require.Same(t, a, line.moment())
	one := line.cut()
	require.Equal(t, []*moment{a}, one)
	b := line.moment()
	two := line.cut()
	require.Equal(t, []*moment{a, b}, two)
	c := line.moment()
	undone := func() []bool { return []bool{a.undone.Load(), b.undone.Load(), c.undone.Load()} }

	line.goBack(two)
	require.Equal(t, []bool{false, false, true}, undone())
	line.goBack(one)
	require.Equal(t, []bool{false, true, true}, undone())
	d := line.moment()
	require.Equal(t, []*moment{a, d}, line.cut())
	line.goBack(two)
	require.Equal(t, []bool{false, true, true}, undone())
	require.True(t, d.undone.Load())
	line.goBack(nil)
	require.Equal(t, []bool{true, true, true}, undone())
	line.goBack(two)
	require.Equal(t, []bool{true, true, true}, undone())
}

// However many snapshots a library has seen, it remembers those moments only of which
// something is left.
func TestTimelineForgets(t *testing.T) {
	var line timeline
	kept := line.moment()
	for range 1000 {
		line.moment() // something is made, and let go
		line.goBack(line.cut())
	}
	runtime.GC()
	require.Contains(t, line.held(), kept)
	require.LessOrEqual(t, len(line.past), 20) // Go keeps small things that it has put together
}
