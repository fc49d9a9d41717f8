package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/outguard/outguard/internal/report"
	"github.com/outguard/outguard/internal/signedpolicy"
	"github.com/outguard/outguard/internal/syntax"
	"github.com/outguard/outguard/policy"
)

// signCommand makes and checks the documents that functions fetch at run time. Keys never leave
// their file: what signs elsewhere gets a message to sign.
var signCommand = command{
	name:    "sign",
	summary: "sign a policy that functions fetch, or verify a signature",
	args:    "[flags] [FUNCTION@] [FILE]",
	help: `
Writes the policy with a signature behind it, as comments of YAML: one document for AppConfig, S3, SSM or a file, see docs/fleet.md.
The signature binds the text, the functions it is for, a version that only grows, and an end. A policy that does not load is not
signed. A signature that FILE has already is replaced. A next policy that next: names is read from beside FILE, and the document
carries it.

The key is a file in PEM (PKCS #8), ed25519 or P-256; -new makes one. Keys elsewhere sign in two steps. With minisign, -comment
prints the trusted comment, and -attach takes the signature. It must be one of the text itself, so give minisign the flag -l. With
a P-256 key of KMS, -message writes what the key signs, and -message with -attach takes the result.`,
	examples: `
  outguard sign -new fleet.key > fleet.pub
  outguard sign -key fleet.key -function 'pay-*' -version 7 -expires 30d policy.yaml > signed.yaml
  outguard sign -verify -pub fleet.pub -function pay-api signed.yaml

  outguard sign -text policy.yaml > text.yaml  # if the policy has next:
  minisign -S -l -m policy.yaml -t "$(outguard sign -comment -function '*' -version 7)"
  outguard sign -attach policy.yaml.minisig -pub minisign.pub policy.yaml > signed.yaml

  outguard sign -message message -function '*' -version 7 policy.yaml
  aws kms sign --key-id alias/fleet --message fileb://message --message-type RAW \
    --signing-algorithm ECDSA_SHA_256 --query Signature --output text > signature
  outguard sign -message message -attach signature -pub kms.pem policy.yaml > signed.yaml`,
	setup: func(fs *flag.FlagSet) action {
		s := &signing{}
		fs.StringVar(&s.key, "key", "", "`file` with the private key")
		fs.StringVar(&s.pub, "pub", "", "`file` with public keys: of minisign, or P-256 in PEM")
		fs.StringVar(&s.newKey, "new", "", "make an ed25519 key, write it to `file`, and print its public key")
		fs.BoolVar(&s.public, "public", false, "print the public key of -key")
		fs.BoolVar(&s.verify, "verify", false, "verify a signed policy by -pub instead")
		fs.BoolVar(&s.text, "text", false, "print the text that is signed: the policy, and the next policy that it names")
		fs.BoolVar(&s.comment, "comment", false, "print the trusted comment for minisign")
		fs.StringVar(&s.message, "message", "", "`file` with what a key of KMS signs: written, or with -attach read")
		fs.StringVar(&s.attach, "attach", "", "`file` with a signature made elsewhere: of minisign, or with -message of KMS")
		fs.StringVar(&s.output, "o", "", "`file` to write (default: standard output)")
		fs.StringVar(&s.policy, "policy", "", "policy `file`, as if it were the argument")
		fs.BoolVar(&s.json, "json", false, `with -verify: print {"file","accepted","reason","key","function","version","signed","expires"} in one line of JSON`)
		fs.StringVar(&s.function, "function", "", "name or `glob` of the functions that the policy is for; with -verify, the name of one")
		// A text, so that a missing version differs from 0.
		fs.StringVar(&s.version, "version", "", "`number`, from 1; functions never go back to a lower one")
		// Thirty days bound how long a forgotten document can still be used.
		fs.StringVar(&s.expires, "expires", "30d", "`end` of the signature: a day, a time, or from now on 30d or 12h; at most 366d")
		fs.StringVar(&s.back, "back", "", "`number` of the version that may take its place again, when a rollout is rolled back (default: none)")
		fs.StringVar(&s.replaces, "replaces", "", "packaged policies whose place it takes: own, central or all (default: it is joined to them)")
		fs.StringVar(&s.until, "until", "", "kill switch: until this `end`, blocks are alerts; at most 24h. It needs -reason")
		fs.StringVar(&s.reason, "reason", "", "`text` of why, for -until")
		// For tests of a rollout, and for signatures that are made again byte for byte.
		fs.StringVar(&s.at, "at", "", "`time` to count as now, such as 2026-11-27T10:00:00Z")
		return s.run
	},
}

// signing is the command with its flags.
type signing struct {
	// Names of files; "" is a flag that was not given.
	key, pub, newKey, message, attach, output, policy string
	// What the signature binds, as the flags have it. claims parses them.
	function, version, expires, back, replaces string
	until, reason, at                          string
	// What to do instead of signing; at most one takes effect, in the order of run.
	public, verify, comment, text bool
	json                          bool
	// The time that counts as now; see the method time.
	now time.Time
}

// run does what the flags ask for. Those that need no policy come first.
func (s *signing) run(std stdio, args []string) (exit int, err error) {
	if s.now, err = s.time(); err != nil {
		return 0, err
	}
	// A signature is for all stages, so that FUNCTION@ has none.
	var stage string
	if args = named(args, &s.function, &stage); stage != "" {
		return 0, fmt.Errorf("a signature is for all stages; write %s@ or -function %[1]s", s.function)
	}
	if s.policy != "" {
		args = append(args, s.policy)
	}
	if s.json && !s.verify {
		return 0, errors.New("-json needs -verify: a signed policy is YAML")
	}
	switch {
	case s.newKey != "":
		return exitOK, s.makeKey(std.out)
	case s.public && s.key == "":
		return 0, errors.New("say with -key whose public key it is")
	case s.public:
		return exitOK, s.printPublic(std.out)
	// minisign signs the comment with the text, so that the claims have to be in it.
	case s.comment:
		c, err := s.claims()
		if err != nil {
			return 0, err
		}
		_, err = fmt.Fprintln(std.out, c)
		return exitOK, err
	case len(args) > 1:
		return 0, errors.New("takes one file")
	case len(args) == 0:
		args = []string{"policy.yaml"}
	}
	document, err := readDocument(args[0])
	if err != nil {
		return 0, &inputError{err}
	}
	// The old signature is cut off before anything else, since only the text is signed.
	text, sig := signedpolicy.Split(document)
	// Verifying must not change the text, so that it comes before the next policy is added.
	if s.verify {
		return s.verifySigned(std.out, args[0], text, sig)
	}
	// The signature follows the text, and must begin on a line of its own.
	if !bytes.HasSuffix(text, []byte("\n")) {
		return 0, &inputError{fmt.Errorf("%s does not end with a newline: add one", args[0])}
	}
	// The next policy is a part of what is signed.
	if text, err = withNext(args[0], text); err != nil {
		return 0, &inputError{err}
	}
	// A policy that no function would accept is not worth a signature.
	if err := loads(args[0], text); err != nil {
		return 0, &inputError{err}
	}
	switch {
	// What an outside signer signs has to be byte for byte what run would sign.
	case s.text:
		_, err := std.out.Write(text)
		return exitOK, err
	// The first of two steps: the second one gets the file together with KMS's result.
	case s.message != "" && s.attach == "":
		c, err := s.claims()
		if err != nil {
			return 0, err
		}
		return exitOK, writeFile(s.message, signedpolicy.Message(text, c.String()))
	case s.message != "":
		sig, err = s.fromKMS(text)
	case s.attach != "":
		if s.pub == "" {
			fmt.Fprintln(std.err, "outguard sign: without -pub, the signature is not verified: it may be of another file")
		}
		sig, err = s.fromMinisign(text)
	case s.key != "":
		sig, err = s.byKey(text)
	default:
		return 0, errors.New("say with what to sign: -key, -message or -attach")
	}
	if err != nil {
		return 0, &inputError{err}
	}
	// Join refuses what Split would not take apart again.
	if document, err = signedpolicy.Join(text, sig); err != nil {
		return 0, &inputError{err}
	}
	if s.output != "" {
		return exitOK, writeFile(s.output, document)
	}
	_, err = std.out.Write(document)
	return exitOK, err
}

// loads returns why no function takes the policy: what comes from a source has no folder with
// feeds, and its next policy is the one that it carries.
func loads(name string, text []byte) error {
	// The base name stands in reasons and alerts of functions, which know no folder of this
	// machine.
	file, err := policy.ParseFile(filepath.Base(name), text)
	if err == nil {
		_, err = file.CheckFeeds(nil)
	}
	if err == nil {
		_, err = file.CheckNext(policy.Env{FS: signedpolicy.Beside(text)})
	}
	return err
}

// withNext returns the text of a policy with the next policy that it names, which is in a file
// beside it. A text that carries one stays as it is.
func withNext(file string, text []byte) ([]byte, error) {
	tree := syntax.Parse(&report.Reporter{File: file}, text) // loads reports errors
	if tree == nil || tree.Next.Value == "" || signedpolicy.Beside(text) != nil {
		return text, nil
	}
	name := tree.Next.Value
	// One document goes to functions in which the variable has different values.
	if strings.Contains(name, "${") {
		return nil, fmt.Errorf("%s:%d:%d: next: %s depends on a variable, and a document carries one next policy; name the file", file, tree.Next.Line, tree.Next.Col, name)
	}
	// Cleaning below / keeps the name inside the policy's folder.
	next, err := readDocument(filepath.Join(filepath.Dir(file), filepath.FromSlash(path.Clean("/"+name))))
	if err != nil {
		return nil, err
	}
	// The new signature covers the next policy too, so that one of its own is dropped.
	next, _ = signedpolicy.Split(next)
	return signedpolicy.Carry(text, name, next)
}

// readDocument reads a file, or a part of it that is longer than any policy.
func readDocument(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	defer f.Close()
	// 1 MB is well above any policy. A device or an endless pipe must not fill the memory.
	const most = 1 << 20
	// One byte more than the bound shows that there is more.
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(data) > most {
		err = fmt.Errorf("%s has more than %d KB", name, most>>10)
	}
	return data, err
}

// time returns the time that counts as now, in whole seconds, as claims have it.
func (s *signing) time() (time.Time, error) {
	if s.at == "" {
		return time.Now().UTC().Truncate(time.Second), nil
	}
	return time.Parse(time.RFC3339, s.at)
}

// claims returns what the flags bind.
func (s *signing) claims() (c signedpolicy.Claims, err error) {
	// The scope and the reason are checked below, where the whole text is parsed.
	c = signedpolicy.Claims{Function: s.function, Signed: s.now, Replaces: signedpolicy.Scope(s.replaces), Reason: s.reason}
	// Both have no default: whoever signs has to decide whom the policy is for.
	switch {
	case s.function == "" || s.version == "":
		return c, errors.New("say for which functions with -function, and which version it is with -version")
	case (s.until == "") != (s.reason == ""):
		return c, errors.New("a kill switch needs both -until, at most 24h, and -reason")
	}
	if c.Version, err = strconv.ParseUint(s.version, 10, 64); err != nil {
		return c, fmt.Errorf("-version %q is not a whole number from 1", s.version)
	}
	if s.back != "" {
		if c.Back, err = strconv.ParseUint(s.back, 10, 64); err != nil {
			return c, fmt.Errorf("-back %q is not a version", s.back)
		}
	}
	if c.Expires, err = s.end(s.expires); err != nil {
		return c, fmt.Errorf("-expires %w", err)
	}
	if s.until != "" {
		if c.Until, err = s.end(s.until); err != nil {
			return c, fmt.Errorf("-until %w", err)
		}
	}
	// Parsing what will be signed finds all faults of the claims.
	_, err = signedpolicy.ParseClaims(c.String())
	return c, err
}

// end reads a day, a time or a duration from now on.
func (s *signing) end(text string) (time.Time, error) {
	// time.ParseDuration knows no days.
	if days, ok := strings.CutSuffix(text, "d"); ok {
		// Sixteen bits are enough for any number of days that is accepted, and cannot overflow a
		// date.
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return s.now.AddDate(0, 0, int(n)), nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil {
		return s.now.Add(d).Truncate(time.Second), nil
	}
	// A day without a time is its beginning in UTC.
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a day, a time with its zone such as 2026-11-27T10:00:00Z, or a duration such as 30d or 12h", text)
}
