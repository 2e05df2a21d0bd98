package loader

// scanner reads small parts of JavaScript, forward and backward, each bounded. Offsets may be outside of the text.
type scanner struct{ js string }

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '$'
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// at is the byte at i; 0 outside.
func (s scanner) at(i int) byte {
	if i < 0 || i >= len(s.js) {
		return 0
	}
	return s.js[i]
}

// mostSpace is how much white space is stepped over, and how long a comment: the text may be nothing else.
const mostSpace = 256

// skipSpace steps over white space and comments.
func (s scanner) skipSpace(i int) int {
	for end := i + mostSpace; i < end; {
		switch {
		case isSpace(s.at(i)):
			i++
		case s.at(i) == '/' && s.at(i+1) == '*':
			k := i + 2
			for k < end && (s.at(k) != '*' || s.at(k+1) != '/') {
				k++
			}
			i = k + 2
		default:
			return i
		}
	}
	return i
}

// skipOpen steps over opening parentheses, too.
func (s scanner) skipOpen(i int) int {
	for range 4 {
		if i = s.skipSpace(i); s.at(i) != '(' {
			break
		}
		i++
	}
	return i
}

// assigns is whether the byte at i is an assignment, not a part of ==, => or +=.
func (s scanner) assigns(i int) bool {
	if s.at(i) != '=' || s.at(i+1) == '=' || s.at(i+1) == '>' {
		return false
	}
	switch s.at(i - 1) {
	case '=', '!', '<', '>', '+', '-', '*', '/', '%', '&', '|', '^', '?':
		return false
	}
	return true
}

// mostWord is how long an identifier or key may be.
const mostWord = 256

// word is the identifier at i, and where it ends; empty: none.
func (s scanner) word(i int) (string, int) {
	end := i
	for end < i+mostWord && isWord(s.at(end)) {
		end++
	}
	if i < 0 || i >= end || isWord(s.at(end)) {
		return "", i
	}
	return s.js[i:end], end
}

// quoted is the string of plain characters at i, without its quotes, and where it ends.
func (s scanner) quoted(i int) (string, int) {
	q := s.at(i)
	if q != '"' && q != '\'' {
		return "", i
	}
	w, end := s.word(i + 1)
	if w == "" || s.at(end) != q {
		return "", i
	}
	return w, end + 1
}

// path is an identifier and the properties of it that follow, such as Module["asm"]["g"], at most four in all; nil: none.
func (s scanner) path(i int) ([]string, int) {
	w, end := s.word(i)
	if w == "" || '0' <= w[0] && w[0] <= '9' {
		return nil, i
	}
	path := []string{w}
	for len(path) < 4 {
		var next int
		switch s.at(end) {
		case '.':
			w, next = s.word(end + 1)
		case '[':
			w, next = s.quoted(end + 1)
			if s.at(next) != ']' {
				return path, end
			}
			next++
		default:
			return path, end
		}
		if w == "" {
			return path, end
		}
		path, end = append(path, w), next
	}
	return path, end
}

// wordBefore is the identifier that ends before i, and where it begins.
func (s scanner) wordBefore(i int) (string, int) {
	start := i
	for start > i-mostWord && isWord(s.at(start-1)) {
		start--
	}
	if start >= i || isWord(s.at(start-1)) {
		return "", i
	}
	return s.js[start:i], start
}

// spaceBefore steps back over white space.
func (s scanner) spaceBefore(i int) int {
	for end := i - mostSpace; i > end && isSpace(s.at(i-1)); {
		i--
	}
	return i
}

// targetBefore is the variable or property that is assigned to by the = at i; empty: none.
func (s scanner) targetBefore(i int) string {
	i = s.spaceBefore(i)
	if s.at(i-1) != ']' {
		w, _ := s.wordBefore(i)
		return w
	}
	q := s.at(i - 2)
	w, start := s.wordBefore(i - 2)
	if w == "" || q != '"' && q != '\'' || s.at(start-1) != q || s.at(start-2) != '[' {
		return ""
	}
	return w
}

// literal looks at the object literal that begins at i.
func (g *glue) literal(i int) {
	if i < g.read {
		return
	}
	var l literal
	before := g.spaceBefore(i)
	switch {
	case g.assigns(before - 1):
		l.name = g.targetBefore(before - 1)
	case g.at(before-1) == ':':
		l.module = g.keyBefore(before - 1)
	}
	for pos := i + 1; ; pos++ {
		pos = g.skipSpace(pos)
		g.read = pos
		key, end := g.word(pos)
		if key == "" {
			key, end = g.quoted(pos)
		}
		end = g.skipSpace(end)
		if key == "" || g.at(end) != ':' {
			break
		}
		value, end := g.word(g.skipSpace(end + 1))
		end = g.skipSpace(end)
		if c := g.at(end); value == "" || c != ',' && c != '}' {
			break
		}
		l.pairs = append(l.pairs, [2]string{key, value})
		if pos = end; g.at(end) == '}' {
			break
		}
	}
	if len(l.pairs) > 0 {
		g.literals = append(g.literals, l)
	}
}

// keyBefore is the key of a literal that the colon at i follows.
func (s scanner) keyBefore(i int) string {
	i = s.spaceBefore(i)
	if q := s.at(i - 1); q == '"' || q == '\'' {
		w, start := s.wordBefore(i - 1)
		if s.at(start-1) != q {
			return ""
		}
		return w
	}
	w, _ := s.wordBefore(i)
	return w
}
