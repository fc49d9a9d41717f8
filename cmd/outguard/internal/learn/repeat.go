package learn

import (
	"bytes"
	"strconv"

	"github.com/outguard/outguard/notify"
)

// This file counts the lines of violations that are known by their fingerprint, without decoding
// them: a log has many more lines than distinct calls.

// fingerprint returns what a line is known by: the fingerprint of the violation and the policy. ok
// is false if the line is to be decoded: it has another form than Outguard writes, or it lists what
// forbids the call.
func fingerprint(line []byte) (key string, ok bool) {
	// "against" has further reasons that weigh needs.
	print, ok := field(line, `"fingerprint":"`, '"')
	if !ok || bytes.Contains(line, []byte(`"against":`)) {
		return "", false
	}
	// The same violation under another policy is decided by other rules.
	policy, _ := field(line, `"policy":"`, '"')
	// A fingerprint has 32 hex digits.
	return string(print) + string(policy), len(print) == 32
}

// field returns what stands between a key and the end of its value. Inside a string, quotes are
// escaped, so that no text passes for a key.
func field(line []byte, key string, end byte) (value []byte, ok bool) {
	i := bytes.Index(line, []byte(key))
	if i < 0 {
		return nil, false
	}
	value = line[i+len(key):]
	if i = bytes.IndexByte(value, end); i < 0 {
		return nil, false
	}
	return value[:i], true
}

// repeat counts a line of a call that is known. It reports false if the line has another form.
// Only what count needs is read: time, count, distinct and caller.
func (c *call) repeat(line []byte) bool {
	var a notify.Alert
	stamp, ok := field(line, `"time":"`, '"')
	if !ok || a.Time.UnmarshalText(stamp) != nil {
		return false
	}
	if a.Count, ok = count(line, `"count":`); !ok {
		return false
	}
	// Distinct is missing in most lines, and 0 then means nothing new.
	a.Distinct, _ = count(line, `"distinct":`)
	if caller, ok := field(line, `"caller":"`, '"'); ok {
		// An escape would have to be decoded.
		if bytes.IndexByte(caller, '\\') >= 0 {
			return false
		}
		// The text is only copied if it changes, which it rarely does.
		if string(caller) != c.caller {
			c.caller = string(caller)
		}
		a.Caller = c.caller
	}
	c.count(&a)
	return true
}

// count returns a number of a line.
func count(line []byte, key string) (n int, ok bool) {
	i := bytes.Index(line, []byte(key))
	if i < 0 {
		return 0, false
	}
	digits := line[i+len(key):]
	end := 0
	for end < len(digits) && digits[end] >= '0' && digits[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(string(digits[:end]))
	return n, err == nil
}
