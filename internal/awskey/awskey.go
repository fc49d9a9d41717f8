// Package awskey reads what an AWS access key id says about its owner.
package awskey

import "strings"

// Account returns the 12-digit account that the access key id belongs to, or "" when the id does not tell: it is no id of
// AWS's (an emulator's "test"), or one of before 2019.
//
// After a prefix of four letters the id is base32; of its first six bytes the bits 7 to 46 are the account's number, and bit 47 tells
// ids of this kind. AWS does not document it; measured 2026-11.
func Account(id string) string {
	const first, digits = 4, 10 // ten base32 digits hold 50 bits: the 48 and two more
	if len(id) < 16 || (id[:first] != "AKIA" && id[:first] != "ASIA") {
		return ""
	}
	var n uint64
	for i := first; i < first+digits; i++ {
		d := strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", id[i])
		if d < 0 {
			return ""
		}
		n = n<<5 | uint64(d)
	}
	n >>= 2
	if n>>47 == 0 {
		return ""
	}
	account := n & 0x7fffffffff80 >> 7
	if account > 999_999_999_999 {
		return ""
	}
	return digits12(account)
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

// digits12 is fmt.Sprintf("%012d", n) at a tenth of its time: it runs for every attempt of every SDK call.
func digits12(n uint64) string {
	var b [12]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return string(b[:])
}
