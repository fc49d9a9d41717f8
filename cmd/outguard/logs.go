package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/outguard/outguard/cmd/outguard/internal/loglines"
)

// readLogs calls each for every line of Outguard in logs: files, and standard input for "-" and
// without names. All that cannot be read are reported at once.
func readLogs(stdin io.Reader, names []string, each func(schema string, text []byte)) (all loglines.Counts, err error) {
	if len(names) == 0 {
		if fromTerminal(stdin) != nil {
			return all, errors.New("no log given; name files after the flags, or write a log to standard input")
		}
		names = []string{"-"}
	}
	var errs []error
	for _, name := range names {
		counts, err := readLog(stdin, name, each)
		all.Add(counts)
		errs = append(errs, err)
	}
	return all, errors.Join(errs...)
}

func readLog(stdin io.Reader, name string, each func(schema string, text []byte)) (loglines.Counts, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return loglines.Counts{}, openError(name, err)
		}
		defer f.Close()
		in = f
	} else {
		name = "standard input"
	}
	counts, err := loglines.Read(in, func(schema string, text []byte) error {
		each(schema, text)
		return nil
	})
	if err != nil {
		if opened := openError(name, err); opened != err {
			return counts, opened
		}
		err = fmt.Errorf("%s: %w", name, err)
	}
	return counts, err
}
