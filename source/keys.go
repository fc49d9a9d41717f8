package source

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/outguard/outguard/internal/signedpolicy"
)

// keys are the public keys of the signatures that count. They come from Go code and from the
// read-only folder of layers, never from the environment.
type keys struct {
	own, central []signedpolicy.Key
	required     bool // somebody wanted signatures, even if no key can be read
	warnings     []string
}

// readKeys reads the keys of Options, and the *.pub files of layers. A text that cannot be read
// verifies nothing, and signatures are required all the same.
func readKeys(texts []string, layers string) (k keys) {
	read := func(name string, text []byte, err error) (got []signedpolicy.Key) {
		// Before the text is read: a damaged key must not turn signatures off.
		k.required = true
		if err == nil {
			got, err = signedpolicy.ParseKeys(text)
		}
		if err != nil {
			k.warnings = append(k.warnings, fmt.Sprintf("%s cannot be read, and no signature by it counts: %v", name, err))
		}
		return got
	}
	for i, text := range texts {
		k.own = append(k.own, read(fmt.Sprintf("Options.Keys[%d]", i), []byte(text), nil)...)
	}
	if layers == "" {
		return k
	}
	// A missing folder has no files, and is not an error.
	files, err := filepath.Glob(filepath.Join(layers, "*.pub"))
	if err != nil {
		read(layers, nil, err)
	}
	for _, file := range files {
		text, err := readKey(file)
		k.central = append(k.central, read(file, text, err)...)
	}
	return k
}

// readKey reads at most a little more than ParseKeys takes.
func readKey(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const most = 64 << 10 // more than ParseKeys takes
	return io.ReadAll(io.LimitReader(f, most))
}

// ids returns the ids of all keys, central ones first.
func (k *keys) ids() (ids []string) {
	for _, key := range append(k.central[:len(k.central):len(k.central)], k.own...) {
		ids = append(ids, key.ID())
	}
	return ids
}
