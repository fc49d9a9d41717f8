// Package dns makes net.DefaultResolver ask a name server that is in this process, so that names
// are looked up for real and no packet leaves. It knows nothing of Outguard.
//
// A name whose first label ends in "-N", such as pgx-17.matrix.test, is 127.8.0.N. Nothing else is
// a name.
package dns

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"strconv"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

func init() {
	net.DefaultResolver.PreferGo = true
	net.DefaultResolver.Dial = func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go serve(server)
		return client, nil
	}
}

// Host is the name of number n: "what" says what for, in words.
func Host(what string, n int) string {
	word := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}
	slug := strings.Map(word, strings.ToLower(what))
	for strings.Contains(slug, "--") {
		slug = strings.ReplaceAll(slug, "--", "-")
	}
	return strings.Trim(slug, "-") + "-" + strconv.Itoa(n) + ".matrix.test"
}

// Addr is the address of number n.
func Addr(n int) net.IP { return net.IPv4(127, 8, 0, byte(n)) }

// serve answers queries that have their length in front, until the other side hangs up.
func serve(conn net.Conn) {
	defer conn.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(query) != nil || len(m.Questions) != 1 {
			return
		}
		reply, err := answer(m).Pack()
		if err != nil {
			return
		}
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)); err != nil {
			return
		}
	}
}

func answer(m dnsmessage.Message) *dnsmessage.Message {
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	label, _, _ := strings.Cut(q.Name.String(), ".")
	n, err := strconv.Atoi(label[strings.LastIndexByte(label, '-')+1:])
	switch {
	case err != nil || n < 1 || n > 254:
		m.RCode = dnsmessage.RCodeNameError
	case q.Type == dnsmessage.TypeA:
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60},
			Body:   &dnsmessage.AResource{A: [4]byte(Addr(n).To4())},
		}}
	}
	return &m
}
