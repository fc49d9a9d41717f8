package awsrules

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/outguard/outguard/internal/rule"
)

// A call that is not signed yet is not caught by a blacklist rule for the keys of an account that
// may not sign it. One for the own account, or for any, catches it.
func TestJudgeUnsignedAgainstABlacklist(t *testing.T) {
	const other = "444455556666"
	accounts := func(r rule.Rule, accounts ...string) rule.Rule { r.Accounts = accounts; return r }
	send := Call{Service: "sqs", Operation: "SendMessage", Resources: []string{queueARN}}
	for _, c := range []struct {
		name string
		list []rule.Rule
		want string
	}{
		{"of the other account", []rule.Rule{accounts(white(t, "s3:*"), other), accounts(black(t, "sqs:*"), other)}, "missed, near -1"},
		{"of the other account, which may call", []rule.Rule{accounts(white(t, "sqs:*"), "self", other), accounts(black(t, "sqs:*"), other)}, "allowed by 0"},
		{"of the own account", []rule.Rule{accounts(white(t, "s3:*"), other), accounts(black(t, "sqs:*"), "self")}, "caught by 1"},
		{"of any account", []rule.Rule{accounts(white(t, "s3:*"), other), black(t, "sqs:*")}, "caught by 1"},
	} {
		got := judged(compileAll(function, c.list...), send)
		assert.Equal(t, c.want, got[:min(len(got), len(c.want))], c.name)
	}

	// A bucket's ARN shows no account, so that the key alone says whose call it is.
	a := compileAll(function, accounts(white(t, "s3:*"), other), accounts(black(t, "s3:*"), other))
	get := Call{Service: "s3", Operation: "GetObject", Resources: []string{"arn:aws:s3:::receipts/a"}}
	assert.Equal(t, "allowed by 0", judged(a, get), "goes on, to be judged with its key")
	get.Account = other
	assert.Contains(t, judged(a, get), "caught by 1")
}

// What is kept of an operation is a copy of its name: the name may be a part of a request's body or
// of its signature.
func TestNamesOfOperationsAreCopied(t *testing.T) {
	a := compileAll(function, white(t, "sqs:*"))
	for _, c := range []Call{
		{Service: "sqs", Operation: "SendMessage"},
		{Service: "sqs", Operation: "NewThing"},
		{Service: "newservice"},
		{Service: "newservice", Operation: "NewThing"},
		{Service: "s3", Operation: "GetObject", Version: true},
	} {
		body := "secret" + c.Service + c.Operation + "secret"
		c.Service, c.Operation = body[6:6+len(c.Service)], body[6+len(c.Service):len(body)-6]
		op := a.op(&c)
		for _, kept := range []string{op.service, op.Name, op.Service, op.Actions[0].Service, op.Actions[0].Name} {
			assert.False(t, within(body, kept), "%q of %q", kept, body)
		}
		for _, m := range []*memo[opName, *operation]{&a.byName, &a.unknown} {
			if e := m.entries.Load(); e != nil {
				for key := range *e {
					assert.False(t, within(body, key.service) || within(body, key.name), "%q of %q", key, body)
				}
			}
		}
		again := c
		assert.Same(t, op, a.op(&again), "it is found again")
	}
}

// within reports whether s is a part of the memory of text.
func within(text, s string) bool {
	from, at := uintptr(unsafe.Pointer(unsafe.StringData(text))), uintptr(unsafe.Pointer(unsafe.StringData(s)))
	return s != "" && strings.Contains(text, s) && at >= from && at < from+uintptr(len(text))
}

// Names of services that the tables do not have, which a request may choose, leave room for the
// others.
func TestUnknownServicesLeaveRoom(t *testing.T) {
	a := compileAll(function)
	for i := range 2 * maxMemo {
		a.op(&Call{Service: "service" + strings.Repeat("x", i)})
	}
	known := Call{Service: "sqs", Operation: "SendMessage"}
	assert.Same(t, a.op(&known), a.op(&known))
}
