package awsmiddleware

import (
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/outguard/outguard/internal/awskey"
)

// keys knows the account of the key that signed last: a process signs with few.
type keys struct{ last atomic.Pointer[owner] }

type owner struct{ key, account string }

// account returns the account whose key signed r. It is empty if r is not signed, or if the key
// does not contain the account.
func (k *keys) account(r *http.Request) string {
	if awskey.OfSession(r) {
		return "" // the CreateSession has been judged
	}
	auth := r.Header["Authorization"] // as net/http sends it
	if len(auth) == 0 {
		return ""
	}
	key := awskey.Signer(auth[0])
	if key == "" {
		return ""
	}
	if o := k.last.Load(); o != nil && o.key == key {
		return o.account
	}
	o := &owner{key: strings.Clone(key), account: awskey.Account(key)} // not the whole header
	k.last.Store(o)
	return o.account
}
