// Package feedfiles opens the files that a policy names under feed:, below the folder of the policy
// and nowhere else.
package feedfiles

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Dir returns the files below a folder. A symbolic link that leads out of the folder is refused;
// the error names the link and its target. The folder is opened only when a file is.
func Dir(folder string) fs.FS { return dir(folder) }

// A dir is the path of a folder, which need not exist.
type dir string

// Open opens a file for reading.
func (d dir) Open(name string) (fs.File, error) {
	// ValidPath refuses "..", a leading slash and empty elements.
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	f, err := d.open(filepath.FromSlash(name))
	if err == nil {
		return f, nil
	}
	// os.Root reports only that the path escapes. The author needs the name of the link.
	if link, target, ok := d.link(name); ok && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%s is a link to %s, outside the policy's folder", link, target)
	}
	return nil, err
}

// open opens a regular file. Others might never end, or wait for somebody to write to them.
func (d dir) open(path string) (fs.File, error) {
	root, err := os.OpenRoot(string(d))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	// Without O_NONBLOCK, to open a named pipe would wait until somebody writes. The file that is
	// open is asked what it is: what has the name may be another one by now.
	f, err := root.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// link returns the first symbolic link on the way to a file.
func (d dir) link(name string) (link, target string, ok bool) {
	parts := strings.Split(name, "/")
	for i := range parts {
		link = strings.Join(parts[:i+1], "/")
		if target, err := os.Readlink(filepath.Join(string(d), filepath.FromSlash(link))); err == nil {
			return link, target, true
		}
	}
	return "", "", false
}
