package wasmffi

import (
	"context"
	"io"
	"math/rand"
	"time"

	"github.com/wasmffi/go/wasmffi/internal/hostmod"
)

// environment is what the host functions of an instance may use. What the guest reads and writes is charged.
func (in *instance) environment() *hostmod.Env {
	w := &in.module.opts.WASI
	e := &hostmod.Env{Charge: in.charge, Look: in.look, Stdout: &output{in, w.Stdout}, Stderr: &output{in, w.Stderr}}
	if w.Stdin != nil {
		e.Stdin = &input{in, w.Stdin}
	}
	if w.Random != nil {
		e.Random = &input{in, w.Random}
	} else {
		e.Random = &input{in, new(fakeRandom)}
	}
	if w.Clocks {
		e.Walltime, e.Nanotime, e.Sleep = realWalltime, realNanotime, in.sleep
	}
	return e
}

// output is a stream that the guest writes.
type output struct {
	in *instance
	to io.Writer // nil: what is written is thrown away
}

// Write writes what the call may still write, and ends the call when that is less.
func (o *output) Write(b []byte) (n int, err error) {
	in := o.in
	in.charge(in.env.Context(), uint64(len(b)))
	part := b
	if in.meter.written && uint64(len(b)) > in.meter.output {
		part = b[:in.meter.output]
	}
	n = len(part)
	if o.to != nil && n > 0 {
		n, err = o.write(part)
		n = max(0, min(n, len(part))) // whatever a wrong one says
	}
	if in.meter.written {
		in.meter.output -= uint64(n)
	}
	if len(part) < len(b) && err == nil {
		panic(&stopRequest{ErrOutput})
	}
	return n, err
}

// write calls the writer, which may close the library.
func (o *output) write(b []byte) (int, error) {
	o.in.hosting.Store(true)
	defer o.in.hosting.Store(false)
	return o.to.Write(b)
}

// input is a stream that the guest reads.
type input struct {
	in   *instance
	from io.Reader
}

// Read reads a part at a time.
func (i *input) Read(b []byte) (int, error) {
	b = b[:min(len(b), chunk)]
	i.in.charge(i.in.env.Context(), uint64(len(b)))
	i.in.hosting.Store(true)
	defer i.in.hosting.Store(false)
	return i.from.Read(b)
}

// fakeRandom is the same bytes in every instance: those of the engine, which makes their source for each instance whether or not it
// is read.
type fakeRandom struct{ source *rand.Rand }

// Read does not fail.
func (f *fakeRandom) Read(b []byte) (int, error) {
	if f.source == nil {
		f.source = rand.New(rand.NewSource(42))
	}
	return f.source.Read(b)
}

// sleep sleeps for so many nanoseconds, and no longer than the call may take.
func (in *instance) sleep(ctx context.Context, ns int64) {
	d := time.Duration(ns)
	if end, ok := in.meter.end(ctx); ok {
		d = min(d, time.Until(end))
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
