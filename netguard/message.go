package netguard

import (
	"bytes"
	"encoding/binary"
)

// This file reads what is judged of a DNS message (RFC 1035, section 4), and reads it as package
// net does. Package dnsmessage of golang.org/x/net can read all of it, which takes 17 KB of each
// function; FuzzMessage holds the two against each other.

// The types of records, and of questions, that are distinguished here.
const (
	typeA    = 1
	typePTR  = 12
	typeTXT  = 16
	typeAAAA = 28
	typeSRV  = 33
)

// A header is the beginning of a message.
type header struct{ id, bits, questions, answers uint16 }

func (h header) response() bool  { return h.bits>>15 == 1 }
func (h header) truncated() bool { return h.bits>>9&1 == 1 }
func (h header) failed() bool    { return h.bits&0xF != 0 }

// A question names what is asked for. name is as canonical has it.
type question struct {
	name        string
	kind, class uint16
}

const (
	maxName     = 254 // bytes of a name, with the dot at its end
	maxPointers = 10  // that are followed in one name: there may be a loop
)

// A reader reads a message from its front. bad is set by the first thing that is not there, or not
// as it has to be; what is read later means nothing then.
type reader struct {
	message []byte
	at      int
	bad     bool
	buf     [maxName]byte // of the name read last
}

// bytes reads n bytes. It returns nil if there are fewer.
func (r *reader) bytes(n int) []byte {
	if r.bad || n > len(r.message)-r.at {
		r.bad = true
		return nil
	}
	r.at += n
	return r.message[r.at-n : r.at]
}

// number reads a number of 16 bits.
func (r *reader) number() uint16 {
	b := r.bytes(2)
	if r.bad {
		return 0
	}
	return binary.BigEndian.Uint16(b)
}

func (r *reader) header() (h header) {
	h.id, h.bits = r.number(), r.number()
	h.questions, h.answers = r.number(), r.number()
	r.bytes(4) // how many records of other kinds follow
	return h
}

func (r *reader) question() (q question) {
	q.name = canonical(string(r.name()))
	q.kind, q.class = r.number(), r.number()
	return q
}

// name reads a name, with a dot behind each label. The result holds until the next name is read.
func (r *reader) name() []byte {
	name, at, behind, pointers := r.buf[:0], r.at, -1, 0 // behind: the end of the name, if a pointer ends it
	for at < len(r.message) {
		n := int(r.message[at])
		at++
		switch {
		case n == 0:
			if r.at = at; behind >= 0 {
				r.at = behind
			}
			if len(name) == 0 {
				name = append(name, '.')
			}
			return name
		case n < 0x40 && at+n <= len(r.message) && len(name)+n < maxName && bytes.IndexByte(r.message[at:at+n], '.') < 0:
			name = append(append(name, r.message[at:at+n]...), '.')
			at += n
		case n >= 0xC0 && at < len(r.message) && pointers < maxPointers:
			if behind < 0 {
				behind = at + 1
			}
			pointers++
			at = n&0x3F<<8 | int(r.message[at])
		default: // too long, cut off, a loop, or of a form that nobody uses
			r.bad = true
			return nil
		}
	}
	r.bad = true
	return nil
}
