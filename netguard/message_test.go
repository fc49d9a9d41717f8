package netguard

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/net/dns/dnsmessage"
)

// The oracle of this file is package dnsmessage, whose copy package net uses.

// queryByOracle is parseQuery.
func queryByOracle(message []byte) (id uint16, q question, ok bool) {
	var p dnsmessage.Parser
	h, err := p.Start(message)
	if err != nil || h.Response {
		return 0, q, false
	}
	asked, err := p.Question()
	if err != nil {
		return 0, q, false
	}
	if _, err := p.Question(); err != dnsmessage.ErrSectionDone {
		return 0, q, false
	}
	return h.ID, question{canonical(asked.Name.String()), uint16(asked.Type), uint16(asked.Class)}, true
}

// answeredByOracle is query.answered.
func answeredByOracle(id uint16, q question, message []byte) (addrs []netip.Addr) {
	var p dnsmessage.Parser
	h, err := p.Start(message)
	if err != nil || !h.Response || h.ID != id || h.Truncated || h.RCode != dnsmessage.RCodeSuccess {
		return nil
	}
	asked, err := p.Question()
	if err != nil || (question{canonical(asked.Name.String()), uint16(asked.Type), uint16(asked.Class)}) != q {
		return nil
	}
	if p.SkipQuestion() != dnsmessage.ErrSectionDone { // package net refuses such a response
		return nil
	}
	for {
		h, err := p.AnswerHeader()
		if err != nil {
			return addrs
		}
		switch h.Type {
		case dnsmessage.TypeA:
			r, err := p.AResource()
			if err != nil {
				return addrs
			}
			addrs = append(addrs, netip.AddrFrom4(r.A))
		case dnsmessage.TypeAAAA:
			r, err := p.AAAAResource()
			if err != nil {
				return addrs
			}
			addrs = append(addrs, netip.AddrFrom16(r.AAAA).Unmap())
		default:
			if p.SkipAnswer() != nil {
				return addrs
			}
		}
	}
}

// FuzzMessage reads any bytes as a query and as the response to a query.
func FuzzMessage(f *testing.F) {
	name := func(s string) dnsmessage.Name { return dnsmessage.MustNewName(s) }
	record := func(n string, body dnsmessage.ResourceBody) dnsmessage.Resource {
		return dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: name(n), Class: dnsmessage.ClassINET, TTL: 60}, Body: body}
	}
	a, aaaa := &dnsmessage.AResource{A: [4]byte{203, 0, 113, 1}}, &dnsmessage.AAAAResource{AAAA: [16]byte{0x20, 1, 0xd, 0xb8, 15: 1}}
	for _, records := range [][]dnsmessage.Resource{
		nil,
		{record("a.test.", a)},
		{record("a.test.", aaaa), record("b.a.test.", a)},
		{record("a.test.", &dnsmessage.CNAMEResource{CNAME: name("b.test.")}), record("b.test.", a)},
	} {
		for _, h := range []dnsmessage.Header{{ID: 7}, {ID: 7, Response: true}, {ID: 7, Response: true, RCode: 3}} {
			f.Add(message(f, h, records, "a.test."))
		}
	}
	f.Add(message(f, dnsmessage.Header{ID: 7}, nil, "a.test.", "b.test."))
	f.Add(message(f, dnsmessage.Header{ID: 7, Response: true}, []dnsmessage.Resource{record("a.test.", a)}, "a.test.", "b.test."))
	// A name that is a pointer to itself, and one of labels that are too long together.
	f.Add([]byte("\x00\x07\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x0c\x00\x01\x00\x01"))
	long := []byte("\x00\x07\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00")
	for range 4 {
		long = append(append(long, 63), make([]byte, 63)...)
	}
	f.Add(append(long, 0, 0, 1, 0, 1))
	f.Fuzz(func(t *testing.T, text []byte) {
		id, q, ok := queryByOracle(text)
		got, err := parseQuery(text, nil)
		if assert.Equal(t, ok, err == nil, "a query"); ok {
			assert.Equal(t, id, got.id)
			assert.Equal(t, q, got.question)
		}
		// The question of the response itself, and another one.
		r := reader{message: text}
		h := r.header()
		for _, q := range []question{r.question(), {"a.test", typeA, 1}} {
			asked := query{id: h.id, question: q}
			assert.Equal(t, answeredByOracle(h.id, q, text), asked.answered(text), "a response")
		}
	})
}
