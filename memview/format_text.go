package memview

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// bytesText is Python's repr of bytes, without the padding of an 'S' dtype.
func bytesText(cell []byte) string {
	chars := make([]rune, len(cell))
	for i, c := range cell {
		chars[i] = rune(c)
	}
	ascii := func(r rune) bool { return r >= ' ' && r < 0x7f }
	return "b" + quote(trimNUL(chars), ascii)
}

// unicodeText is Python's repr of a str, without the padding of a 'U' dtype.
func unicodeText(cell []byte, d DType) string {
	return quote(trimNUL(charsOf(cell, d)), strconv.IsPrint)
}

// charsOf reads the UCS-4 characters of an element. Unlike a Go string they
// keep surrogates and numbers that are no character.
func charsOf(cell []byte, d DType) []rune {
	chars := make([]rune, len(cell)/4)
	for i := range chars {
		chars[i] = rune(d.t.order().Uint32(cell[4*i:]))
	}
	return chars
}

func trimNUL(chars []rune) []rune {
	for len(chars) > 0 && chars[len(chars)-1] == 0 {
		chars = chars[:len(chars)-1]
	}
	return chars
}

// voidText is numpy's str of an opaque scalar: every byte escaped
// (scalartypes.c.src, voidtype_str).
func voidText(cell []byte) string {
	b := []byte("b'")
	for _, c := range cell {
		b = fmt.Appendf(b, `\x%02X`, c)
	}
	return string(append(b, '\''))
}

// quote writes chars as a Python string literal. It takes characters rather than
// a Go string, which pyliteral.Quote does, because a guest may store
// surrogates, which Python prints and a Go string cannot hold.
func quote(chars []rune, printable func(rune) bool) string {
	q := byte('\'')
	if slices.Contains(chars, '\'') && !slices.Contains(chars, '"') {
		q = '"'
	}
	b := []byte{q}
	for _, r := range chars {
		switch {
		case r == rune(q) || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case printable(r):
			b = utf8.AppendRune(b, r)
		case uint32(r) <= 0xff:
			b = fmt.Appendf(b, `\x%02x`, r)
		case uint32(r) <= 0xffff:
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = fmt.Appendf(b, `\U%08x`, uint32(r))
		}
	}
	return string(append(b, q))
}
