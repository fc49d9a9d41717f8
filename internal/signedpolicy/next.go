package signedpolicy

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
)

// This file is about the next policy that a policy names by next:, and that its document carries:
// a source has one document, and a container that starts needs both.

const (
	carried     = "# outguard: the next policy "
	carriedLine = "#| "
)

// Carry returns the text of a policy with the next policy behind it, each line of that as a comment
// of YAML. name is what next: says.
func Carry(policy []byte, name string, next []byte) ([]byte, error) {
	switch {
	case !fs.ValidPath(path.Clean(name)) || !printable(name):
		return nil, fmt.Errorf("next: %q is not a path beside the policy", name)
	// Otherwise the first line that is added would continue the last one.
	case !bytes.HasSuffix(policy, []byte("\n")) || !bytes.HasSuffix(next, []byte("\n")):
		return nil, errors.New("the policy or its next policy does not end with a newline: add one")
	case bytes.ContainsAny(next, "\r\u0085\u2028\u2029"): // what follows would not be a comment
		return nil, errors.New("the next policy has line breaks that are not newlines")
	}
	// The comment has the cleaned name, because the policy asks for that.
	text := append(bytes.Clone(policy), carried+path.Clean(name)+"\n"...)
	for line := range bytes.Lines(next) {
		text = append(append(text, carriedLine...), line...)
	}
	return text, nil
}

// Beside returns the folder of a policy that came from a source: it has the next policy that the
// text carries, or nothing. It is nil if the text carries none.
func Beside(text []byte) fs.FS {
	// The last one counts: text in front of it belongs to the policy.
	at := bytes.LastIndex(text, []byte("\n"+carried))
	if at < 0 {
		return nil
	}
	name, rest, _ := strings.Cut(string(text[at+1+len(carried):]), "\n")
	var b strings.Builder
	for line := range strings.Lines(rest) {
		// YAML behind the next policy would be a part of the policy that a reader overlooks.
		line, ok := strings.CutPrefix(line, carriedLine)
		if !ok {
			return nil
		}
		b.WriteString(line)
	}
	return folder{name, b.String()}
}

// A folder has one file.
type folder struct{ name, text string }

// Open implements fs.FS.
func (f folder) Open(name string) (fs.File, error) {
	if name != f.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &file{f, strings.NewReader(f.text)}, nil
}

// A file is that file, and its own fs.FileInfo.
type file struct {
	folder
	*strings.Reader
}

// Stat, Close and the methods of fs.FileInfo make the text a file that can only be read.
func (f *file) Stat() (fs.FileInfo, error) { return f, nil }
func (f *file) Close() error               { return nil }
func (f *file) Name() string               { return path.Base(f.name) }
func (f *file) Size() int64                { return int64(len(f.text)) }
func (f *file) Mode() fs.FileMode          { return 0o444 }
func (f *file) ModTime() time.Time         { return time.Time{} }
func (f *file) IsDir() bool                { return false }
func (f *file) Sys() any                   { return nil }
