// Package signedpolicy verifies the signatures of policies that come from outside the deployment
// package.
//
// A signed policy is one document: the text of the policy and then its signature, each line of it
// as a comment of YAML. One document cannot come apart while it is being replaced, and whatever
// reads YAML reads it. [Split] takes it apart, [Verify] verifies it, and [Claims] says what the
// signature binds.
//
// The signature has the four lines of minisign, with an ed25519 signature of the text itself. One
// by a P-256 key has three: the key of KMS signs a [Message], which has the hash of the text and
// the trusted comment.
package signedpolicy

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

const (
	untrusted = "untrusted comment:"
	trusted   = "trusted comment: "
	comment   = "# "

	legacy    = "Ed" // ed25519 of the text
	prehashed = "ED" // ed25519 of the BLAKE2b hash of the text, which is not supported
	p256      = "EC" // ECDSA P-256 of the SHA-256 of a Message

	maxSignature = 4 << 10 // bytes
)

// Split takes a document apart into the text of the policy and its signature. sig is nil if the
// document has none.
func Split(document []byte) (policy, sig []byte) {
	at := bytes.LastIndex(document, []byte("\n"+comment+untrusted))
	// The text "# untrusted comment:" may stand in a long policy that is not signed.
	if at < 0 || len(document)-at > maxSignature {
		return document, nil
	}
	policy, tail := document[:at+1], string(document[at+1:])
	var b strings.Builder
	for line := range strings.Lines(tail) {
		// A rule behind the signature would not be signed. Then the document counts as unsigned, as
		// a whole.
		line, ok := strings.CutPrefix(line, comment)
		if !ok {
			return document, nil
		}
		b.WriteString(line)
	}
	return policy, []byte(b.String())
}

// Unsigned returns why Split has found no signature in a document.
func Unsigned(document []byte) error {
	switch {
	case bytes.IndexByte(document, 0) >= 0:
		return errors.New("it is in UTF-16, as PowerShell's > writes files: sign it with -o FILE")
	// A signature with something else behind it, or without its end, signs nothing.
	case bytes.Contains(document, []byte("\n"+comment+untrusted)):
		return errors.New("the signature is not the end of the document: something was put behind it")
	}
	return errors.New("it is not signed")
}

// Join returns the document of a policy and its signature.
func Join(policy, sig []byte) ([]byte, error) {
	if !bytes.HasSuffix(policy, []byte("\n")) {
		return nil, errors.New("the policy does not end with a newline: add one and sign it")
	}
	document := bytes.Clone(policy)
	for line := range strings.Lines(strings.TrimRight(string(sig), "\n") + "\n") {
		document = append(document, comment+line...)
	}
	// A signature in another form could make Split cut elsewhere.
	back, got := Split(document)
	if !bytes.Equal(back, policy) || strings.TrimRight(string(got), "\n") != strings.TrimRight(string(sig), "\n") {
		return nil, errors.New("it is not a signature of minisign or outguard sign")
	}
	return document, nil
}

// A parsed is a signature in its parts.
type parsed struct {
	algorithm string
	id        [8]byte
	sig       []byte // of the text, or of a Message
	comment   string // the trusted one
	global    []byte // of sig and comment; nil for P-256
}

// parse reads a signature. It checks the form and verifies nothing.
func parse(sig []byte) (p parsed, err error) {
	if len(sig) > maxSignature {
		return p, fmt.Errorf("the signature has more than %d bytes", maxSignature)
	}
	if bytes.IndexByte(sig, '\r') >= 0 {
		return p, errors.New("its lines end in CR LF, as a checkout on Windows leaves them: keep the file as outguard sign wrote it")
	}
	lines := strings.Split(strings.TrimSuffix(string(sig), "\n"), "\n")
	if len(lines) < 3 || len(lines) > 4 || !strings.HasPrefix(lines[0], untrusted+" ") {
		return p, errors.New("the signature is cut, or has another form than minisign's")
	}
	raw, err := decode(lines[1])
	if err != nil || len(raw) <= 2+len(p.id) {
		return p, errors.New("the second line of the signature cannot be read")
	}
	p.algorithm = string(raw[:2])
	copy(p.id[:], raw[2:])
	p.sig = raw[2+len(p.id):]
	var ok bool
	if p.comment, ok = strings.CutPrefix(lines[2], trusted); !ok {
		return p, errors.New("the third line of the signature is not its trusted comment")
	}
	switch {
	// It needs BLAKE2b, which the standard library does not have.
	case p.algorithm == prehashed:
		return p, errors.New("it is an ED signature, of a hash of the policy, which is not supported: sign with minisign -S -l")
	case p.algorithm == legacy && len(lines) == 4 && len(p.sig) == ed25519.SignatureSize:
		p.global, err = decode(lines[3])
		if err != nil || len(p.global) != ed25519.SignatureSize {
			return p, errors.New("the fourth line of the signature cannot be read")
		}
		return p, nil
	case p.algorithm == p256 && len(lines) == 3:
		return p, nil
	}
	return p, errors.New("the signature is neither an Ed one of minisign nor one by a P-256 key")
}

// Form returns why a text has not the form of a signature, or does not bind what it has to. It
// verifies nothing.
func Form(sig []byte) error {
	p, err := parse(sig)
	if err == nil {
		_, err = ParseClaims(p.comment)
	}
	return err
}

// Verify verifies the signature of a policy's text. It returns what the signature binds, and the
// key that made it. Without keys, every signature is refused. The time, the function and the
// version are not checked: see [Claims.Check].
func Verify(keys []Key, policy, sig []byte) (Claims, Key, error) {
	p, err := parse(sig)
	if err != nil {
		return Claims{}, Key{}, err
	}
	for _, k := range keys {
		// Several keys may have one id, so a failure goes on to the next key.
		if k.id != p.id || !k.verifies(policy, p) {
			continue
		}
		// The comment is read only when it is verified.
		claims, err := ParseClaims(p.comment)
		if err != nil {
			return Claims{}, Key{}, err
		}
		return claims, k, nil
	}
	for _, k := range keys {
		if k.id == p.id {
			return Claims{}, Key{}, fmt.Errorf("its signature by the key %s does not verify", k.ID())
		}
	}
	return Claims{}, Key{}, fmt.Errorf("it is signed by the key %s, which is not one of this function's keys", Key{id: p.id}.ID())
}

// verifies reports whether k made both the signature of the policy and that of the comment.
func (k Key) verifies(policy []byte, p parsed) bool {
	switch {
	case p.algorithm == legacy && len(k.ed) == ed25519.PublicKeySize:
		return ed25519.Verify(k.ed, policy, p.sig) && ed25519.Verify(k.ed, append(bytes.Clone(p.sig), p.comment...), p.global)
	case p.algorithm == p256 && k.ec != nil:
		sum := sha256.Sum256(Message(policy, p.comment))
		return ecdsa.VerifyASN1(k.ec, sum[:], p.sig)
	}
	return false
}

// Message returns the text that a P-256 key signs: with KMS, by ECDSA_SHA_256 and the message type
// RAW. It has three lines, and is shorter than the 4 KB that KMS takes.
func Message(policy []byte, trustedComment string) []byte {
	// KMS takes 4 KB for RAW, and a policy may be longer. So the message has its hash.
	sum := sha256.Sum256(policy)
	return []byte("outguard-signature/v1\n" + hex.EncodeToString(sum[:]) + "\n" + trustedComment + "\n")
}
