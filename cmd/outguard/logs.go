package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/outguard/outguard/cmd/outguard/internal/loglines"
)

// readLogs calls each for every line of Outguard in logs: files, and standard input for "-" and
// without names. All that cannot be read are reported at once. See damaged for the error.
func readLogs(stdin io.Reader, names []string, each func(schema string, text []byte)) (all loglines.Counts, err error) {
	// A pipe is read without "-". At a terminal, the command would wait for somebody to type a log.
	if len(names) == 0 {
		if fromTerminal(stdin) != nil {
			return all, errors.New("no log given; name files after the flags, or write a log to standard input")
		}
		names = []string{"-"}
	}
	var errs []error
	for _, name := range names {
		// One log that cannot be read does not keep the others from being read.
		counts, err := readLog(stdin, name, each)
		all.Add(counts)
		errs = append(errs, err)
	}
	return all, errors.Join(errs...)
}

// damaged splits an error of readLogs. cut is about logs that were read only in part: the command
// goes on with what they hold, and ends with cut.
func damaged(err error) (cut, others error) {
	if err == nil {
		return nil, nil
	}
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	// A single error of another kind ends the command.
	if slices.ContainsFunc(all, func(err error) bool { return !errors.As(err, new(*loglines.DamagedError)) }) {
		return nil, &inputError{err}
	}
	return &inputError{err}, nil
}

// readLog reads one log. Its error names the log; what was read before the error counts.
func readLog(stdin io.Reader, name string, each func(schema string, text []byte)) (loglines.Counts, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return loglines.Counts{}, openError(name, err)
		}
		defer f.Close()
		// The file is closed when it has been read, because there may be more of them than a
		// process may open.
		in = f
	} else {
		// For messages, where "-" would say nothing.
		name = "standard input"
	}
	counts, err := loglines.Read(in, func(schema string, text []byte) error {
		each(schema, text)
		return nil
	})
	if err != nil {
		// Reading may fail for what opening lets pass, such as a folder.
		if opened := openError(name, err); opened != err {
			return counts, opened
		}
		err = fmt.Errorf("%s: %w", name, err)
	}
	return counts, err
}
