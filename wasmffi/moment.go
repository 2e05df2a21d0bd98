package wasmffi

import (
	"slices"
	"sync/atomic"
	"weak"
)

// moment is a stretch of a library's life from one snapshot or reset to the next. What
// was made in it is as stale as the moment is undone.
type moment struct{ undone atomic.Bool }

// timeline is the moments of a library. It keeps none alive: those matter that
// something was made in which somebody still holds, or which belong to a snapshot. The
// zero timeline is a new one.
type timeline struct {
	now  *moment // nil: nothing was made in it yet
	past []weak.Pointer[moment]
}

// moment is the one that it is now.
func (t *timeline) moment() *moment {
	if t.now == nil {
		t.now = &moment{}
		t.past = append(t.past, weak.Make(t.now))
	}
	return t.now
}

// cut ends the moment, and returns all that are not undone.
func (t *timeline) cut() []*moment {
	t.now = nil
	return slices.DeleteFunc(t.held(), func(m *moment) bool { return m.undone.Load() })
}

// goBack undoes all moments but some. It is for good: who reads while the memory is put back
// must not find an array alive before and after, and other bytes in between.
func (t *timeline) goBack(to []*moment) {
	t.now = nil
	for _, m := range t.held() {
		if !slices.Contains(to, m) {
			m.undone.Store(true)
		}
	}
}

// held are the moments that somebody holds; the others are forgotten.
func (t *timeline) held() []*moment {
	var list []*moment
	t.past = slices.DeleteFunc(t.past, func(p weak.Pointer[moment]) bool {
		m := p.Value()
		if m != nil {
			list = append(list, m)
		}
		return m == nil
	})
	return list
}
