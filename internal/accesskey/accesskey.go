// Package accesskey reads what an AWS access key id says about its owner.
package accesskey

import (
	"net/http"
	"strings"
)

// Account returns the 12-digit account that the access key id belongs to. It is empty if the id
// does not contain an account: AWS did not issue it (an emulator's "test"), or issued it before
// 2019.
// See decision 14.
func Account(id string) string {
	number, ok := Number(id)
	if !ok {
		return ""
	}
	return Text(number)
}

// Number is Account as a number, which takes no memory.
//
// After a prefix of four letters the id is base32. In its first six bytes, bits 7 to 46 are the
// account's number, and bit 47 is set in ids of this kind. AWS does not document it; measured
// 2026-11.
func Number(id string) (number uint64, ok bool) {
	const first, digits = 4, 10 // ten base32 digits hold 50 bits: the 48 and two more
	if len(id) < 16 || (id[:first] != "AKIA" && id[:first] != "ASIA") {
		return 0, false
	}
	var n uint64
	for _, c := range []byte(id[first : first+digits]) {
		switch {
		case 'A' <= c && c <= 'Z':
			c -= 'A'
		case '2' <= c && c <= '7':
			c -= '2' - 26
		default:
			return 0, false
		}
		n = n<<5 | uint64(c)
	}
	n >>= 2
	number = n & 0x7fffffffff80 >> 7
	return number, n>>47 != 0 && number <= 999_999_999_999
}

// Text returns the 12 digits of an account's number.
func Text(number uint64) string {
	var b [12]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte('0' + number%10)
		number /= 10
	}
	return string(b[:])
}

// HasForm reports whether an access key id has the form of AWS's: AKIA or ASIA, and 16 characters
// of base32. Other providers of S3's API hand out keys of other forms.
func HasForm(id string) bool {
	if len(id) != 20 || (id[:4] != "AKIA" && id[:4] != "ASIA") {
		return false
	}
	for _, c := range []byte(id[4:]) {
		if (c < 'A' || c > 'Z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// Signer returns the access key id in a Signature Version 4 (or 4a) Authorization header, or "".
func Signer(authorization string) string {
	if !strings.HasPrefix(authorization, "AWS4-") {
		return ""
	}
	_, after, ok := strings.Cut(authorization, "Credential=")
	if !ok {
		return ""
	}
	id, _, ok := strings.Cut(after, "/")
	if !ok {
		return ""
	}
	return id
}

// UsualSigner returns the access key id that signs a request whose one signature, of version 4, is
// in the Authorization field, as the SDK writes it. It returns "" without that field. usual is
// false for any other request that may be signed: the field has another name or value, or several.
func UsualSigner(h http.Header) (key string, usual bool) {
	for name, values := range h {
		if len(name) != len("Authorization") || !strings.EqualFold(name, "Authorization") {
			continue
		}
		// Credential=, SignedHeaders= and Signature= are all that the SDK writes.
		if name != "Authorization" || len(values) != 1 || strings.Count(values[0], "=") > 3 {
			return "", false
		}
		if key = Signer(values[0]); key == "" && !strings.HasPrefix(values[0], "Bearer ") {
			return "", false
		}
	}
	return key, true
}

// OfSession reports whether a request is signed with a session key of S3 Express, which
// CreateSession returns. Such a key does not show whose it is.
func OfSession(r *http.Request) bool {
	_, ok := r.Header["X-Amz-S3session-Token"]
	return ok && strings.Contains(r.URL.Host, ".s3express-")
}
