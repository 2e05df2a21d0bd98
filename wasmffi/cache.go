package wasmffi

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
)

// Cache keeps compiled modules, so that the same binary with the same options is compiled
// once: by all Modules that are open at a time, and for the next one after the last was closed. It is
// bounded: what nobody uses is let go, the longest unused first, when all together are
// larger than the bound. It is safe for concurrent use.
//
// Options that change the code tell entries apart, as do host functions: modules with different
// Options.Imports share nothing. Instances of a shared module share code and
// nothing else.
type Cache struct {
	most int64
	dir  string // on disk; empty: in memory only

	mu      sync.Mutex
	entries map[string]*cached
	idle    list.List // of *cached that nobody uses, the one used last in front
	size    int64     // of all entries
}

// compiled is what a cache keeps.
type compiled interface {
	weight() int64 // in bytes
	close() error
}

// cached is an entry.
type cached struct {
	cache *Cache
	key   string
	ready chan struct{} // closed when value or err are there
	value compiled
	err   error
	users int
	at    *list.Element // in idle
}

// DefaultCacheBytes is the bound of the cache that Options without one use.
const DefaultCacheBytes = 64 << 20

// shared is the cache of Options that have none.
var shared = NewCache(DefaultCacheBytes)

// NewCache is a cache that keeps compiled modules of so many bytes altogether, measured as
// the machine code that they take, roughly. Modules in use are kept whatever their size. With 0
// it keeps nothing that nobody uses.
func NewCache(bytes int64) *Cache {
	return &Cache{most: max(bytes, 0), entries: map[string]*cached{}}
}

// get is the entry of a key, made by the first who asks while all others wait. Each who
// gets one calls release. An error is not kept.
func (c *Cache) get(ctx context.Context, key string, build func() (compiled, error)) (*cached, error) {
	for {
		c.mu.Lock()
		e := c.entries[key]
		if e == nil {
			e = &cached{cache: c, key: key, ready: make(chan struct{}), users: 1}
			c.entries[key] = e
			c.mu.Unlock()
			return e, e.fill(build)
		}
		e.users++
		if e.at != nil {
			c.idle.Remove(e.at)
			e.at = nil
		}
		c.mu.Unlock()
		select {
		case <-e.ready:
		case <-ctx.Done():
			return nil, errors.Join(context.Cause(ctx), e.release())
		}
		if e.err == nil {
			return e, nil
		}
		// The first one failed, it may be because its own context ended.
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
}

// fill fills in an entry that was just added.
func (e *cached) fill(build func() (compiled, error)) error {
	c := e.cache
	defer close(e.ready)
	e.err = errors.New("wasmffi: compiling did not return") // if it panics
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if e.err != nil {
			delete(c.entries, e.key)
		} else {
			c.size += e.value.weight()
		}
	}()
	e.value, e.err = build()
	return e.err
}

// release says that one user less needs the entry.
func (e *cached) release() error {
	c := e.cache
	c.mu.Lock()
	e.users--
	if e.users == 0 && c.entries[e.key] == e && e.value != nil {
		e.at = c.idle.PushFront(e)
	}
	gone := c.evict(c.most)
	c.mu.Unlock()
	return closeAll(gone)
}

// evict takes out what nobody uses, the longest unused first, until all together are not larger
// than most. c.mu is held.
func (c *Cache) evict(most int64) (gone []compiled) {
	for c.size > most && c.idle.Len() > 0 {
		old := c.idle.Remove(c.idle.Back()).(*cached)
		delete(c.entries, old.key)
		c.size -= old.value.weight()
		gone = append(gone, old.value)
	}
	return gone
}

func closeAll(list []compiled) error {
	var errs []error
	for _, v := range list {
		errs = append(errs, v.close())
	}
	return errors.Join(errs...)
}

// Trim lets go of everything that nobody uses.
func (c *Cache) Trim() error {
	c.mu.Lock()
	gone := c.evict(-1)
	c.mu.Unlock()
	return closeAll(gone)
}

// Len is how many compiled modules there are, in use or not, and how many bytes they count for.
func (c *Cache) Len() (modules int, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries), c.size
}

// String says how full the cache is.
func (c *Cache) String() string {
	n, bytes := c.Len()
	return fmt.Sprintf("cache of %d modules, %d of at most %d bytes", n, bytes, c.most)
}
