package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// This file writes files: beside the target, which is whole or untouched then, whatever happens.

// writeFile writes a file and then renames it to its target. A symbolic link to a file is replaced,
// not followed. What is not a file, such as /dev/stdout, is written to.
func writeFile(name string, data []byte) error { return writeFileMode(name, data, 0o644) }

// writeFileMode is writeFile for a file with other permissions than usual.
func writeFileMode(name string, data []byte, mode fs.FileMode) error {
	// Stat follows links: /dev/stdout is a link to a pipe or a terminal.
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder; name a file", name)
	} else if err == nil && !info.Mode().IsRegular() {
		// A rename would replace /dev/stdout or a pipe.
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		return errors.Join(err, f.Close())
	}
	return writeBeside(name, data, mode, os.Rename)
}

// writeNew writes a file that does not exist yet. It overwrites nothing, not even a file that
// another program makes in the meantime: its error is then fs.ErrExist.
func writeNew(name string, data []byte, mode fs.FileMode) error {
	// Lstat does not follow links, so that one that leads nowhere is not replaced either.
	if _, err := os.Lstat(name); err == nil {
		return fs.ErrExist
	}
	return writeBeside(name, data, mode, linkNew)
}

// linkNew gives a file a name that does not exist yet.
func linkNew(temp, name string) error {
	err := os.Link(temp, name) // which fails for a file that exists, unlike a renaming
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return os.Rename(temp, name) // the file system has no links
	}
	return errors.Join(err, os.Remove(temp))
}

// cause returns what is wrong, without the name of a file that nobody has named.
func cause(err error) error {
	if path := new(fs.PathError); errors.As(err, &path) {
		return path.Err
	}
	return err
}

// writeBeside writes a file beside its target, and has it put in the target's place. If that fails
// or the command is interrupted, nothing is left of it.
func writeBeside(name string, data []byte, mode fs.FileMode, put func(temp, name string) error) error {
	// The same folder is on the same file system, so that renaming is one step.
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if _, there := os.Stat(filepath.Dir(name)); errors.Is(err, fs.ErrNotExist) && there != nil {
		return fmt.Errorf("%s: there is no folder %s; make it first", name, filepath.Dir(name))
	}
	if err != nil {
		return fmt.Errorf("%s: no file can be written in the folder %s: %w", name, filepath.Dir(name), cause(err))
	}
	// From here on, an interrupted command removes the file.
	defer removeIfInterrupted(f.Name())()
	_, err = f.Write(data)
	// The mode is set before the name, so that a key is never readable by others.
	err = errors.Join(err, f.Chmod(mode), f.Close())
	if err == nil {
		err = put(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// removeIfInterrupted removes a file if a signal ends the command, until the result is called.
func removeIfInterrupted(name string) (stop func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			_ = os.Remove(name)
			// The signal is sent again, so that the shell sees how the command ended.
			signal.Reset(s)
			if self, err := os.FindProcess(os.Getpid()); err == nil && self.Signal(s) == nil {
				select {} // the signal ends the process
			}
			os.Exit(exitUsage) // a system without signals
		case <-done:
		}
	}()
	return func() { signal.Stop(signals); close(done) }
}

// sameFile reports whether two names lead to one file; false if one of them does not exist.
func sameFile(a, b string) bool {
	ia, err := os.Stat(a)
	if err != nil {
		return false
	}
	ib, err := os.Stat(b)
	return err == nil && os.SameFile(ia, ib)
}
