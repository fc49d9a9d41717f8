package awsmiddleware

import (
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/outguard/outguard/internal/accesskey"
)

// keys knows the account of the key that signed last: a process signs with few.
type keys struct{ last atomic.Pointer[owner] }

// An owner is the id of a key and the account that the id contains.
type owner struct{ key, account string }

// account returns the account whose key signed r. It is empty if r is not signed, if the key does
// not contain the account, or if the signature is not where the SDK puts it: the guard then reads
// it. usual is false in that last case.
func (k *keys) account(r *http.Request) (account string, usual bool) {
	if accesskey.OfSession(r) {
		return "", true // the CreateSession has been judged
	}
	key, usual := accesskey.UsualSigner(r.Header)
	if key == "" {
		return "", usual
	}
	if o := k.last.Load(); o != nil && o.key == key {
		return o.account, true
	}
	o := &owner{key: strings.Clone(key), account: accesskey.Account(key)} // not the whole header
	k.last.Store(o)
	return o.account, true
}
