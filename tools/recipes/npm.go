package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

// packer puts the archive of one version of a package, NAME@VERSION, into the empty folder dir and returns its path. Its
// error is errUnavailable where no package can be had at all.
type packer func(ctx context.Context, spec, dir string) (archive string, err error)

// errUnavailable is wrapped by errors that say that packages cannot be had on this machine at this time.
var errUnavailable = errors.New("packages cannot be had here")

// packTimeout is the time for one package.
const packTimeout = 3 * time.Minute

// npmPack downloads with npm pack, which unpacks nothing and runs nothing. It works in dir, out of reach of any project's
// settings; those of the user and the machine hold.
func npmPack(ctx context.Context, spec, dir string) (string, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", fmt.Errorf("%w: npm is missing (%v)", errUnavailable, err)
	}
	ctx, cancel := context.WithTimeout(ctx, packTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, npm, "pack", "--ignore-scripts", "--loglevel=error", "--fetch-retries=1", "--", spec)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second // its children may hold the pipe
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return "", fmt.Errorf("%w: npm pack %s took longer than %v", errUnavailable, spec, packTimeout)
		}
		return "", npmError(spec, err, stderr.String())
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return "", fmt.Errorf("npm pack %s left %d archives, want 1", spec, len(archives))
	}
	return archives[0], nil
}

// npmCode is the line in which npm says what went wrong.
var npmCode = regexp.MustCompile(`(?m)^npm (?:error|ERR!) code (\w+)`)

// offline are npm's codes for a registry that is out of reach, from those of the system and of its cache.
var offline = map[string]bool{
	"ENOTFOUND": true, "EAI_AGAIN": true, "EAI_FAIL": true, "ECONNREFUSED": true, "ECONNRESET": true, "ETIMEDOUT": true,
	"ENETUNREACH": true, "EHOSTUNREACH": true, "ENETDOWN": true, "EPIPE": true, "ERR_SOCKET_TIMEOUT": true, "FETCH_ERROR": true, "ENOTCACHED": true,
}

// npmError is the error of an npm that ended with err after it wrote text.
func npmError(spec string, err error, text string) error {
	m := npmCode.FindStringSubmatch(text)
	switch {
	case m == nil:
		const most = 200
		return fmt.Errorf("npm pack %s: %w: %.*q", spec, err, most, text)
	case offline[m[1]]:
		return fmt.Errorf("%w: npm does not reach a registry (%s)", errUnavailable, m[1])
	}
	return fmt.Errorf("npm pack %s: %s", spec, m[1])
}
