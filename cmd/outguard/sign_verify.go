package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/outguard/outguard/internal/signedpolicy"
)

// This file verifies signed policies: sign -verify.

// verifySigned does what a function would do with the document, and prints the claims.
func (s *signing) verifySigned(out io.Writer, name string, text, sig []byte) (int, error) {
	keys, err := s.publicKeys()
	if err != nil {
		return 0, &inputError{err}
	}
	// refused prints why a function would not take the document.
	refused := func(err error) (int, error) {
		if s.json {
			return exitFound, printVerified(out, &verified{File: name, Reason: err.Error()})
		}
		_, printErr := fmt.Fprintf(out, "%s: refused: %v\n", name, err)
		return exitFound, printErr
	}
	// A missing signature is a finding, like a wrong one: a function would refuse both.
	if sig == nil {
		return refused(signedpolicy.Unsigned(text))
	}
	// The signature is verified first: what it does not cover is not worth a look.
	c, k, err := signedpolicy.Verify(keys, text, sig)
	if err != nil {
		return refused(err)
	}
	// Without -function, a name that fits the glob is made, so that the other claims are checked.
	function := s.function
	if function == "" { // any that it is for
		function = strings.ReplaceAll(c.Function, "*", "")
	}
	// Versions are not compared: only the function knows which one it had.
	if err := c.Check(function, s.now); err != nil {
		return refused(err)
	}
	if err := loads(name, text); err != nil {
		return refused(err)
	}
	if s.json {
		return exitOK, printVerified(out, &verified{name, true, "", k.ID(), c.Function, c.Version, c.Signed, c.Expires})
	}
	_, err = fmt.Fprintf(out, "%s: signed by the key %s\n%s\n", name, k.ID(), c)
	return exitOK, err
}

// A verified is what -verify has found, for programs.
type verified struct {
	File     string    `json:"file"`
	Accepted bool      `json:"accepted"`
	Reason   string    `json:"reason,omitempty"` // why it is not
	Key      string    `json:"key,omitempty"`
	Function string    `json:"function,omitempty"`
	Version  uint64    `json:"version,omitempty"`
	Signed   time.Time `json:"signed,omitzero"`
	Expires  time.Time `json:"expires,omitzero"`
}

func printVerified(w io.Writer, v *verified) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
