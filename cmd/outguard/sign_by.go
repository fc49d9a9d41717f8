package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/outguard/outguard/internal/signedpolicy"
)

// This file has the ways to a signature: by a key in a file, by minisign and by KMS.

// byKey signs with a key in a file.
func (s *signing) byKey(text []byte) ([]byte, error) {
	private, err := s.private()
	if err != nil {
		return nil, err
	}
	// The claims are checked before anything is signed.
	c, err := s.claims()
	if err != nil {
		return nil, err
	}
	sig, _, err := signedpolicy.Sign(private, text, c)
	return sig, err
}

// fromMinisign reads a signature of minisign, and verifies it by -pub if that is given.
func (s *signing) fromMinisign(text []byte) ([]byte, error) {
	sig, err := readDocument(s.attach)
	if err != nil {
		return nil, err
	}
	// A checkout on Windows may have changed the line ends.
	sig = bytes.ReplaceAll(sig, []byte("\r\n"), []byte("\n"))
	// Without -pub, the form alone is checked.
	if err := signedpolicy.Form(sig); err != nil || s.pub == "" {
		return sig, err
	}
	keys, err := s.publicKeys()
	if err != nil {
		return nil, err
	}
	_, _, err = signedpolicy.Verify(keys, text, sig)
	return sig, err
}

// fromKMS makes the signature of a message that was signed elsewhere, and verifies it.
func (s *signing) fromKMS(text []byte) ([]byte, error) {
	message, err := readDocument(s.message)
	if err != nil {
		return nil, err
	}
	// The message is made again from the text: a policy that was edited since is noticed.
	lines := strings.Split(string(message), "\n")
	// The third line of the message has the claims, which KMS has signed with the text.
	if len(lines) != 4 || !bytes.Equal(message, signedpolicy.Message(text, lines[2])) {
		return nil, fmt.Errorf("%s is not the message of this policy: write it again", s.message)
	}
	c, err := signedpolicy.ParseClaims(lines[2])
	if err != nil {
		return nil, err
	}
	// KMS returns the signature as ASN.1 in DER.
	der, err := readDocument(s.attach)
	if err != nil {
		return nil, err
	}
	// The aws command prints signatures in base64. DER has the byte 0x02, the tag of integers,
	// which base64 does not have.
	if decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(der))); err == nil {
		der = decoded
	}
	keys, err := s.publicKeys()
	if err != nil {
		return nil, err
	}
	// KMS does not say which key it was: the one that verifies is it.
	for _, k := range keys {
		sig := signedpolicy.OfP256(k, der, c)
		if _, _, err := signedpolicy.Verify(keys, text, sig); err == nil {
			return sig, nil
		}
	}
	return nil, fmt.Errorf("%s is not a signature of %s by a key of %s", s.attach, s.message, s.pub)
}
