package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wasmffi/go/wasmffi"
)

func TestParseFlags(t *testing.T) {
	for name, c := range map[string]struct {
		args, words []string
		a, err      string
	}{
		"none":        {args: []string{"x", "y"}, words: []string{"x", "y"}},
		"anywhere":    {args: []string{"x", "-a", "1", "y"}, words: []string{"x", "y"}, a: "1"},
		"equals":      {args: []string{"-a=b=c", "x"}, words: []string{"x"}, a: "b=c"},
		"two dashes":  {args: []string{"--a", "-b", "x"}, words: []string{"x"}, a: "-b"},
		"numbers":     {args: []string{"-1", "-.5e3", "-inf", "-Infinity", "-0x1p3", "-1e999"}, words: []string{"-1", "-.5e3", "-inf", "-Infinity", "-0x1p3", "-1e999"}},
		"end":         {args: []string{"--", "-a", "--", "-h"}, words: []string{"-a", "--", "-h"}},
		"dash":        {args: []string{"-"}, words: []string{"-"}},
		"help":        {args: []string{"x", "-h", "-q"}, err: "help is asked for"},
		"unknown":     {args: []string{"-b"}, err: `unknown flag "-b"; words that begin with a dash go after --`},
		"three":       {args: []string{"---a", "1"}, err: `unknown flag "---a"; words that begin with a dash go after --`},
		"no value":    {args: []string{"x", "-a"}, err: "-a: no value, want one after it"},
		"switch":      {args: []string{"-s", "x", "--s"}, words: []string{"x"}},
		"with value":  {args: []string{"-s=1"}, err: "-s: got a value, want none"},
		"given twice": {args: []string{"-a", "1", "-a", "1"}, err: "-a: given twice"},
	} {
		t.Run(name, func(t *testing.T) {
			var a string
			var s bool
			words, err := parseFlags(c.args, map[string]func(string) error{"a": once(&a)}, map[string]*bool{"s": &s})
			if c.err != "" {
				require.EqualError(t, err, c.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.words, words)
			require.Equal(t, c.a, a)
			require.Equal(t, strings.HasPrefix(name, "switch"), s)
		})
	}
}

func TestParseMemory(t *testing.T) {
	for text, want := range map[string]uint64{
		"65536": 65536, "64K": 65536, "64KiB": 65536, "64MiB": 64 << 20, "512M": 512 << 20, "1G": 1 << 30, "1GiB": 1 << 30,
		"65536B": 65536, "4GiB": wasmffi.MaxMemory, "4294967296": wasmffi.MaxMemory,
	} {
		got, err := parseMemory(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "M", "-1", "1.5G", "1MB", "1m", "1 M", "1iB", "1MiBB", "+1M", "0x10M",
		"0", "65535", "63K", "5G", "4294967297", "18446744073709551616", "99999999999999999999G", "17592186044417M"} {
		_, err := parseMemory(text)
		require.Error(t, err, text)
	}
}

func TestSizeText(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 bytes", 1023: "1023 bytes", 1024: "1 KiB", 256 << 20: "256 MiB", 1376256: "1.3 MiB", wasmffi.MaxMemory: "3.9 GiB", 1 << 30: "1 GiB"} {
		require.Equal(t, want, sizeText(n))
	}
}
