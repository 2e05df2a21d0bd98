package wasmffi

import (
	"context"
	"time"
)

// contextless is a call without a context: nobody waits for it but the caller, who cannot end it.
type contextless struct {
	context.Context
	deadline time.Time
}

// unattended is the context of a call that was given none.
func unattended() context.Context {
	return &contextless{context.Background(), time.Now().Add(AllocTime)}
}

// Deadline is what the guest is stopped by: nothing waits for it.
func (c *contextless) Deadline() (time.Time, bool) { return c.deadline, true }

// Err tells after the deadline.
func (c *contextless) Err() error {
	if time.Now().Before(c.deadline) {
		return nil
	}
	return context.DeadlineExceeded
}
