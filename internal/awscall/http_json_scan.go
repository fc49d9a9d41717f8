package awscall

import "strings"

// This file finds where the values of a JSON text end. It takes the same texts as encoding/json,
// which a test compares. The text has been checked for UTF-8.

// jsonDepth is how many objects and lists may be in each other inside the body's object. That is
// encoding/json's limit, which counts the body's object, too.
const jsonDepth = 10000 - 1

const jsonSpaces = " \t\r\n"

// jsonEnd returns the end of the value that begins at i; -1 if there is none.
func jsonEnd(s string, i int) int {
	// open has the closing bracket of each object and list that i is in. It is not a recursion,
	// whose stack a body could fill.
	var few [32]byte
	open := few[:0]
	for {
		// A value begins at i.
		switch c := jsonAt(s, i); c {
		case '{', '[':
			if len(open) == jsonDepth {
				return -1
			}
			end := c + 2 // "}" or "]"
			if i = jsonSkip(s, i+1); jsonAt(s, i) == end {
				i++
				break
			}
			open = append(open, end)
			if end == '}' {
				if _, i = jsonNameEnd(s, i); i < 0 {
					return -1
				}
				i = jsonSkip(s, i)
			}
			continue
		default:
			if i = jsonScalarEnd(s, i); i < 0 {
				return -1
			}
		}
		// A value ends at i. What follows closes what it is in, or begins the next value.
		for closed := true; closed; {
			if len(open) == 0 {
				return i
			}
			i = jsonSkip(s, i)
			c, end := jsonAt(s, i), open[len(open)-1]
			if closed = c == end; closed {
				open = open[:len(open)-1]
			} else if c != ',' {
				return -1
			}
			i++
			if closed {
				continue
			}
			if i = jsonSkip(s, i); end == '}' {
				if _, i = jsonNameEnd(s, i); i < 0 {
					return -1
				}
				i = jsonSkip(s, i)
			}
		}
	}
}

// jsonNameEnd returns the end of the name that begins at i, and that of the colon behind it. The
// second is -1 if either is missing.
func jsonNameEnd(s string, i int) (name, colon int) {
	if jsonAt(s, i) != '"' {
		return -1, -1
	}
	if name = jsonStringEnd(s, i); name < 0 {
		return -1, -1
	}
	if i = jsonSkip(s, name); jsonAt(s, i) != ':' {
		return -1, -1
	}
	return name, i + 1
}

// jsonScalarEnd returns the end of the text, the number or the word that begins at i; -1 if there
// is none.
func jsonScalarEnd(s string, i int) int {
	switch c := jsonAt(s, i); {
	case c == '"':
		return jsonStringEnd(s, i)
	case c == '-' || isDigit(c):
		return jsonNumberEnd(s, i)
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(s[i:], word) {
			return i + len(word)
		}
	}
	return -1
}

// jsonStringEnd returns the end of the text in quotes that begins at i; -1 if it has none, or has a
// character or an escape that is not allowed.
func jsonStringEnd(s string, i int) int {
	for i++; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return i + 1
		case c < ' ':
			return -1
		case c != '\\':
			continue
		}
		i++
		switch jsonAt(s, i) {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		case 'u':
			for range 4 {
				i++
				if c := jsonAt(s, i); !isDigit(c) && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
					return -1
				}
			}
		default:
			return -1
		}
	}
	return -1
}

// jsonNumberEnd returns the end of the number that begins at i; -1 if it is not one: -12.5e+3.
func jsonNumberEnd(s string, i int) int {
	digits := func() bool {
		begin := i
		for isDigit(jsonAt(s, i)) {
			i++
		}
		return i > begin
	}
	if jsonAt(s, i) == '-' {
		i++
	}
	if jsonAt(s, i) == '0' { // no digit may follow
		i++
	} else if !digits() {
		return -1
	}
	if jsonAt(s, i) == '.' {
		if i++; !digits() {
			return -1
		}
	}
	if c := jsonAt(s, i); c == 'e' || c == 'E' {
		if i++; jsonAt(s, i) == '+' || jsonAt(s, i) == '-' {
			i++
		}
		if !digits() {
			return -1
		}
	}
	return i
}

// jsonSkip returns the first place from i on that has no space.
func jsonSkip(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n') {
		i++
	}
	return i
}

// jsonAt returns the character at i, or 0 at the end, which no JSON has outside its texts.
func jsonAt(s string, i int) byte {
	if i >= len(s) {
		return 0
	}
	return s[i]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
