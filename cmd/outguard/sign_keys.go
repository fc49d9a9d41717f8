package main

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/outguard/outguard/internal/signedpolicy"
)

// This file makes, reads and prints the keys that sign policies.

// makeKey writes a new private key to a file that does not exist yet, and prints the public one.
func (s *signing) makeKey(out io.Writer) error {
	// A key that functions trust must not be replaced by accident.
	if _, err := os.Lstat(s.newKey); err == nil {
		return &inputError{fmt.Errorf("%s is there already", s.newKey)}
	}
	// Minisign uses ed25519 too, so that functions need no other code for this key.
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	// PKCS #8 is the form that openssl writes and reads, too.
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	// Only the owner may read a private key.
	if err := writeNew(s.newKey, text, 0o600); err != nil {
		return &inputError{err}
	}
	// The public key is printed, as it goes into the function's configuration.
	_, err = out.Write(signedpolicy.FromEd25519(public).Text())
	return err
}

// private reads the key of -key.
func (s *signing) private() (crypto.Signer, error) {
	text, err := readDocument(s.key)
	if err != nil {
		return nil, err
	}
	// Encrypted keys and those of older formats have other types, and are refused with a hint.
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s is not a private key in PEM (PKCS #8); outguard sign -new makes one", s.key)
	}
	if problem := notPlain(block); problem != "" {
		return nil, fmt.Errorf("%s %s", s.key, problem)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", s.key, err)
	}
	// A key for key agreement cannot sign. Sign refuses other signers, such as RSA.
	private, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%s is neither an ed25519 nor a P-256 key", s.key)
	}
	return private, nil
}

// notPlain returns why a block of PEM is not a private key that can be read, and what makes one of
// it; "" if it is one.
func notPlain(block *pem.Block) string {
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
		return "is a private key with a password, which is not read here: openssl pkcs8 -topk8 -nocrypt -in FILE makes one without; better keep the key in KMS"
	case block.Type == "PRIVATE KEY":
		return ""
	case block.Type == "PUBLIC KEY":
		return "is a public key; -key takes the private one"
	case block.Type == "EC PRIVATE KEY":
		return "is a private key in an older form: openssl pkcs8 -topk8 -nocrypt -in FILE makes one in PKCS #8"
	}
	return fmt.Sprintf("is a %.40q and not a private key in PKCS #8; outguard sign -new makes one", block.Type)
}

// printPublic prints the public key in the form that functions take: minisign's for ed25519.
func (s *signing) printPublic(out io.Writer) error {
	private, err := s.private()
	if err != nil {
		return &inputError{err}
	}
	if public, ok := private.Public().(ed25519.PublicKey); ok {
		_, err = out.Write(signedpolicy.FromEd25519(public).Text())
		return err
	}
	// minisign has no form for P-256, so that PEM is what KMS and functions use.
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return &inputError{err}
	}
	return pem.Encode(out, &pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// publicKeys reads the keys of -pub.
func (s *signing) publicKeys() ([]signedpolicy.Key, error) {
	// The key decides whom one trusts, so that it has no default.
	if s.pub == "" {
		return nil, errors.New("say with -pub which public key it is")
	}
	text, err := readDocument(s.pub)
	if err != nil {
		return nil, err
	}
	// Several keys let one be replaced while documents by the old one are still fetched.
	keys, err := signedpolicy.ParseKeys(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.pub, err)
	}
	return keys, nil
}
