package loglines

import (
	"bytes"
	"encoding/json"
	"strings"
)

// What the text around a marker is.
type kind uint8

// The zero value is for text that holds the marker without being a line.
const (
	other  kind = iota // no schema
	broken             // a schema without a whole object around it
	quoted             // an object inside another message
	whole              // a line
)

// text is without escapes and is valid until the window moves. It is nil unless the kind is whole.
type object struct {
	kind   kind
	schema string
	text   []byte
}

// object reads the object around the marker at w.text[at]. end is where to look on.
func (w *window) object(at int) (found object, end int) {
	t := w.text
	// The name of a module or a URL also holds "outguard.", without quotes and key.
	end = at + len(marker)
	quote := quoteBefore(t, at)
	if quote == "" || !afterKey(t[:at-len(quote)], quote, "schema") {
		return object{}, end
	}
	schema := schemaAt(t[at:])
	// The quotes before the marker show how the line is wrapped: plain JSON, a string in JSON, or a
	// cell of CSV.
	var decode func([]byte) (text []byte, ok bool)
	switch quote {
	case `"`:
		decode = nil
	// {\"schema\":\"outguard.alert/v1\"…: as aws logs filter-log-events prints it.
	case `\"`:
		decode = jsonString
	// {""schema"":""outguard.alert/v1""…: as Logs Insights exports it.
	case `""`:
		decode = csvCell
	default: // more than one string deep
		return object{kind: quoted}, end
	}
	kind := broken
	open := at
	// No object has two schemas, so that one that begins before the last marker is not this one's.
	from := max(0, at-reach, w.marker)
	w.marker = end
	limit := nextSchema(t[:min(len(t), at+reach)], end, quote)
	// The schema is near the front of a line, but keys may be sorted: objects may come before it.
	// So each brace before it is tried, the nearest one first.
	for range maxDepth {
		if open = bytes.LastIndexByte(t[from:open], '{'); open < 0 {
			break
		}
		open += from
		text := t[open:limit]
		if decode != nil {
			var ok bool
			if text, ok = decode(text); !ok {
				break // no end of the string follows
			}
		}
		n := objectEnd(text)
		if n == 0 {
			break
		}
		// In a string, nothing may follow the object: a log event is one object and nothing else.
		if decode == nil && open+n <= at || decode != nil && len(bytes.TrimSpace(text[n:])) > 0 {
			continue // an object that ends before the schema
		}
		// Text inside a whole object is not looked at again.
		if decode == nil {
			end = open + n
		}
		if !w.isEvent(open, quote) {
			kind = quoted
			break
		}
		return object{whole, schema, text[:n]}, end
	}
	return object{kind: kind}, end
}

// nextSchema returns where the next schema with the same quotes begins, or the end of t: no object
// reaches there. Without that bound, text full of objects without an end would take quadratic time.
func nextSchema(t []byte, from int, quote string) int {
	for {
		i := bytes.Index(t[from:], marker)
		if i < 0 {
			return len(t)
		}
		at := from + i
		if quoteBefore(t, at) == quote && afterKey(t[:at-len(quote)], quote, "schema") {
			return at
		}
		from = at + len(marker)
	}
}

// maxDepth is the number of braces that may open between the start of an object and its schema.
const maxDepth = 24

// quoteBefore returns the quotes and backslashes before t[at], which say how the text is escaped.
// The bound is far beyond any nesting of escapes that tools write.
func quoteBefore(t []byte, at int) string {
	from := at
	for from > 0 && at-from < 16 && (t[from-1] == '"' || t[from-1] == '\\') {
		from--
	}
	return string(t[from:at])
}

// afterKey reports whether t ends in a key and its colon.
// Both quotes are escaped in the same way, for example \"schema\":.
func afterKey(t []byte, quote, key string) bool {
	t, ok := bytes.CutSuffix(bytes.TrimRight(t, " \t\r\n"), []byte(":"))
	if !ok {
		return false
	}
	t, ok = bytes.CutSuffix(bytes.TrimRight(t, " \t\r\n"), []byte(quote))
	if ok {
		t, ok = bytes.CutSuffix(t, []byte(key))
	}
	return ok && bytes.HasSuffix(t, []byte(quote))
}

// schemaAt returns the schema at the start of t.
// The length is bounded, since the text is not trusted.
func schemaAt(t []byte) string {
	n := 0
	for n < len(t) && n < 64 && (t[n] >= 'a' && t[n] <= 'z' || t[n] >= '0' && t[n] <= '9' || t[n] == '.' || t[n] == '/' || t[n] == '_') {
		n++
	}
	return string(t[:n])
}

// objectEnd returns the length of the JSON object at the start of t, or 0 if it has no end.
// Braces in strings do not count.
func objectEnd(t []byte) int {
	depth, inString := 0, false
	for i := 0; i < len(t); i++ {
		switch c := t[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// jsonString decodes the rest of a JSON string, up to its closing quote.
// It stops at the first quote that is not escaped, the end of the string.
func jsonString(t []byte) (text []byte, ok bool) {
	for i := 0; i < len(t); i++ {
		switch t[i] {
		case '\\':
			i++
		case '"':
			var s string
			err := json.Unmarshal([]byte(`"`+string(t[:i])+`"`), &s)
			return []byte(s), err == nil
		}
	}
	return nil, false
}

// csvCell decodes the rest of a quoted cell of CSV, up to its closing quote.
// In CSV, a quote is doubled.
func csvCell(t []byte) (text []byte, ok bool) {
	for i := 0; i < len(t); i++ {
		if t[i] != '"' {
			continue
		}
		if i+1 < len(t) && t[i+1] == '"' {
			i++
			continue
		}
		return bytes.ReplaceAll(t[:i], []byte(`""`), []byte(`"`)), true
	}
	return nil, false
}

// eventKeys are the keys under which formats hold the text of a log event.
// CloudWatch has message, Logs Insights @message, or a field and a value.
var eventKeys = [...]string{"message", "@message", "value"}

// isEvent reports whether the object at w.text[open] is a log event, and not a part of a message.
// quote is how the quotes in it are written.
func (w *window) isEvent(open int, quote string) bool {
	before := w.text[:open]
	plain := quote == `"`
	if !plain {
		// The cell or string must begin with the object.
		before = bytes.TrimSuffix(before, []byte(`"`))
		if len(before) == open {
			return false // the string begins with something else
		}
	} else if w.previous >= 0 && len(bytes.Trim(before[w.previous:], ", \t\r\n")) == 0 {
		return true // next to another line
	}
	// {"timestamp":…,"message":"{\"schema\"…: the key before the string.
	for _, key := range eventKeys {
		if afterKey(before, `"`, key) {
			return true
		}
	}
	// Without such a key, the line must begin with the object, or with what tools write before it.
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	// The start of the line is not in the window, so that it cannot be checked.
	if len(line) == len(before) && !w.start {
		return false
	}
	if plain {
		return isPrefix(string(line))
	}
	line = bytes.TrimSpace(line)
	return len(line) == 0 || quote == `""` && line[len(line)-1] == ',' // a cell
}

// isPrefix reports whether what stands before an object on its line is what tools put before an
// event: times, names of streams and groups, numbers.
func isPrefix(line string) bool {
	line = strings.TrimPrefix(line, "\ufeff")
	// EVENTS is what aws logs --output text prints.
	for _, field := range strings.Fields(line) {
		switch {
		case field == "[" || field == "EVENTS":
		// Quotes and braces are another message.
		case strings.ContainsAny(field, `"{}`):
			return false
		// 2026-11-20T10:00:00Z, 1700000000000, 2026/11/20/[$LATEST]0123, /aws/lambda/orders
		case strings.ContainsAny(field, "0123456789"), strings.HasPrefix(field, "/"):
		default:
			return false
		}
	}
	return true
}
