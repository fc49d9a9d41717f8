package signedpolicy

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// This file makes signatures, for outguard sign.

// Sign returns the signature of a policy's text by an ed25519 or a P-256 key, and its public key.
func Sign(private crypto.Signer, policy []byte, c Claims) (sig []byte, k Key, err error) {
	// A signature that no function accepts is refused here, where its author sees why.
	if err := c.valid(); err != nil {
		return nil, Key{}, err
	}
	switch public := private.Public().(type) {
	case ed25519.PublicKey:
		k = FromEd25519(public)
		text, err := private.Sign(nil, policy, crypto.Hash(0))
		if err != nil {
			return nil, Key{}, err
		}
		// The first signature covers the policy alone. This one binds the claims to it.
		global, err := private.Sign(nil, append(bytes.Clone(text), c.String()...), crypto.Hash(0))
		if err != nil {
			return nil, Key{}, err
		}
		return fmt.Appendf(lines(k, legacy, text, c), "%s\n", encoding.EncodeToString(global)), k, nil
	case *ecdsa.PublicKey:
		if k, err = FromP256(public); err != nil {
			return nil, Key{}, err
		}
		// One signature covers both: the message has the policy's hash and the claims.
		sum := sha256.Sum256(Message(policy, c.String()))
		der, err := private.Sign(rand.Reader, sum[:], crypto.SHA256)
		if err != nil {
			return nil, Key{}, err
		}
		return lines(k, p256, der, c), k, nil
	}
	return nil, Key{}, errors.New("the key is neither an ed25519 nor a P-256 key")
}

// OfP256 returns the signature whose ASN.1 form a P-256 key made elsewhere, of the Message of the
// policy and c.
func OfP256(k Key, der []byte, c Claims) []byte { return lines(k, p256, der, c) }

// lines returns the first three lines of a signature: a comment, algorithm with id and signature,
// and the claims.
func lines(k Key, algorithm string, sig []byte, c Claims) []byte {
	raw := append(append([]byte(algorithm), k.id[:]...), sig...)
	return fmt.Appendf(nil, "%s signature by the key %s\n%s\n%s%s\n", untrusted, k.ID(), encoding.EncodeToString(raw), trusted, c)
}

// Text returns a key in the form that ParseKeys reads: for ed25519 that of minisign; nil for P-256,
// whose form is PEM.
func (k Key) Text() []byte {
	if k.ed == nil {
		return nil
	}
	raw := append(append([]byte(legacy), k.id[:]...), k.ed...)
	return fmt.Appendf(nil, "%s minisign public key %s\n%s\n", untrusted, k.ID(), encoding.EncodeToString(raw))
}
