package signedpolicy

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

const (
	maxKeyText = 16 << 10 // bytes of a file of keys
	maxKeys    = 8        // in it
)

// A Key is a public key that policies are signed with. The zero Key verifies nothing.
type Key struct {
	id [8]byte
	ed ed25519.PublicKey // of minisign; nil: none
	ec *ecdsa.PublicKey  // P-256, of KMS; nil: none
}

// ID returns the key's id as minisign prints it: 16 hexadecimal digits.
func (k Key) ID() string { return fmt.Sprintf("%016X", binary.LittleEndian.Uint64(k.id[:])) }

// Same reports whether two keys are one.
func (k Key) Same(other Key) bool {
	switch {
	case k.ed != nil:
		// minisign finds a key by its random id, so two ids are two keys.
		return other.ed != nil && k.id == other.id && k.ed.Equal(other.ed)
	case k.ec != nil:
		return other.ec != nil && k.ec.Equal(other.ec)
	}
	return false
}

// ParseKeys reads a text of one or more public keys: minisign's *.pub files, or only their second
// lines, and P-256 keys in PEM ("BEGIN PUBLIC KEY"), as KMS shows them. Anything else in the text
// is an error.
func ParseKeys(text []byte) (keys []Key, err error) {
	// A *.pub file of a layer may be anything, so its size is limited before it is read line by
	// line.
	if len(text) > maxKeyText {
		return nil, fmt.Errorf("it has more than %d bytes", maxKeyText)
	}
	for rest := string(text); rest != ""; {
		line, after, _ := strings.Cut(rest, "\n")
		var k Key
		switch line = strings.TrimSpace(line); {
		// Nobody signs that line, so nothing in it counts.
		case line == "", strings.HasPrefix(line, untrusted):
			rest = after
			continue
		case strings.HasPrefix(line, "-----BEGIN "):
			block, left := pem.Decode([]byte(rest))
			// Without progress, the loop would not end.
			if block == nil || len(left) >= len(rest) {
				return nil, errors.New("a PEM block cannot be read")
			}
			if k, err = fromPEM(block); err != nil {
				return nil, err
			}
			after = string(left)
		default:
			if k, err = fromMinisign(line); err != nil {
				return nil, err
			}
		}
		if keys, rest = append(keys, k), after; len(keys) > maxKeys {
			return nil, fmt.Errorf("it has more than %d keys", maxKeys)
		}
	}
	if keys == nil {
		return nil, errors.New("it has no key")
	}
	return keys, nil
}

// fromMinisign reads the second line of a *.pub file: the algorithm, the id and the key in base64.
func fromMinisign(line string) (k Key, err error) {
	raw, err := decode(line)
	if err != nil || len(raw) != 2+len(k.id)+ed25519.PublicKeySize || string(raw[:2]) != legacy {
		return Key{}, errors.New("a line is not a public key of minisign")
	}
	copy(k.id[:], raw[2:])
	k.ed = ed25519.PublicKey(raw[2+len(k.id):])
	return k, nil
}

// fromPEM reads a PEM block. Keys of RSA and of other curves are refused.
func fromPEM(block *pem.Block) (k Key, err error) {
	if strings.HasSuffix(block.Type, "PRIVATE KEY") {
		return Key{}, errors.New("it has a private key; the public one belongs here, which outguard sign -public -key FILE prints")
	}
	if block.Type != "PUBLIC KEY" {
		return Key{}, fmt.Errorf("a PEM block is a %.30q and not a PUBLIC KEY", block.Type)
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if _, ok := parsed.(ed25519.PublicKey); ok {
		return Key{}, errors.New("a PEM block is an ed25519 key; minisign's form belongs here, which outguard sign -public -key FILE prints")
	}
	ec, ok := parsed.(*ecdsa.PublicKey)
	if err != nil || !ok {
		return Key{}, errors.New("a PEM block is not a P-256 key")
	}
	return FromP256(ec)
}

// FromP256 returns the key of a P-256 public key. Its id is the beginning of the SHA-256 of its
// DER form.
func FromP256(ec *ecdsa.PublicKey) (k Key, err error) {
	// Verify knows the algorithm EC as P-256 with SHA-256 only.
	if ec.Curve != elliptic.P256() {
		return Key{}, errors.New("the key is on another curve than P-256")
	}
	der, err := x509.MarshalPKIXPublicKey(ec)
	if err != nil {
		return Key{}, errors.New("the key is not a point of P-256")
	}
	sum := sha256.Sum256(der)
	copy(k.id[:], sum[:])
	k.ec = ec
	return k, nil
}

// FromEd25519 returns the key of an ed25519 public key. Its id is the beginning of its SHA-256;
// minisign's own are random.
func FromEd25519(public ed25519.PublicKey) (k Key) {
	sum := sha256.Sum256(public)
	copy(k.id[:], sum[:])
	k.ed = public
	return k
}

// encoding refuses bits that nothing reads, so that a signature has one form.
var encoding = base64.StdEncoding.Strict()

// decode reads one line of base64. It refuses what the decoder would skip.
func decode(line string) ([]byte, error) {
	if strings.ContainsAny(line, "\r\n") { // base64 skips them
		return nil, errors.New("a line break")
	}
	return encoding.DecodeString(line)
}
