package source

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/outguard/outguard/internal/fetchapi"
	"github.com/outguard/outguard/internal/signedpolicy"
	"github.com/outguard/outguard/internal/sourceapi"
	"github.com/outguard/outguard/notify"
	"github.com/outguard/outguard/policy"
)

// This file decides whether a document takes effect, and what it may change.

// An accepted is a document that passed every check. Its fields are not changed, except version.
type accepted struct {
	level    sourceapi.Level
	claims   signedpolicy.Claims // zero if it is not signed
	key      string              // the id of the key
	policy   *policy.Policy
	document string // SHA-256 of text and signature
	sha256   string // of the text
	version  string // the source's
}

// maxVersion is how much of a source's version lines and alerts have.
const maxVersion = 256

// judge checks a document, and makes it pending.
func (f *follower) judge(data, sig []byte, version string) {
	if len(data) > fetchapi.MaxDocument || len(sig) > fetchapi.MaxDocument {
		f.refuse("too large", "", fmt.Errorf("it has more than %d KB", fetchapi.MaxDocument>>10))
		return
	}
	// A source of the program may return the signature apart. Others return one document.
	if sig == nil {
		data, sig = signedpolicy.Split(data)
	}
	text := sha256.Sum256(data)
	// The document's hash covers the signature too: the same text may be signed again, with later
	// times.
	sum := sha256.Sum256(append(text[:], sig...))
	a := &accepted{sha256: hex.EncodeToString(text[:]), document: hex.EncodeToString(sum[:]), version: version}
	// A source may count versions for the same text, as S3 does when an object is written again.
	if last := f.last(); last != nil && last.document == a.document {
		f.mu.Lock()
		last.version = version
		f.mu.Unlock()
		f.judgeAgain()
		return
	}
	now := time.Now()
	if err := f.check(a, data, sig, now); err != nil {
		f.refuse(a.document, a.sha256, err)
		return
	}
	next := f.standing(a, now)
	f.mu.Lock()
	f.accepted, f.pending, f.refused = a, next, ""
	f.mu.Unlock()
	// newest has no lock, because asking lets one goroutine in here at a time.
	if f.newest == nil || a.level > f.newest.level || a.claims.Version > f.newest.claims.Version {
		f.newest = a
	}
	f.confirmed()
}

// judgeAgain checks the time of the document that was accepted: the source has nothing newer.
func (f *follower) judgeAgain() {
	if a := f.last(); a.level != sourceapi.Unsigned && !time.Now().Before(a.claims.Expires) {
		f.refuse(a.document, a.sha256, errors.New("its signature expired: what it forbids stays in effect, what it loosened does not"))
		return
	}
	f.resume(time.Now())
	f.confirmed()
}

// resume makes pending what a clock that was ahead has ended too early: a replacement, or a cap.
func (f *follower) resume(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pending != nil || f.applied == nil {
		return
	}
	if until := f.accepted.until(now); !until.Equal(f.applied.Until) && now.Before(until) {
		f.pending = f.standing(f.accepted, now)
	}
}

// check returns why a document must not take effect. It fills in the rest of a.
func (f *follower) check(a *accepted, data, sig []byte, now time.Time) (err error) {
	if !f.keys.required && len(data) > fetchapi.MaxUnsigned {
		return fmt.Errorf("it is not signed, and has more than %d KB", fetchapi.MaxUnsigned>>10)
	}
	// The signature comes first: the text of a stranger is not parsed.
	if f.keys.required {
		if err := f.verify(a, data, sig, now); err != nil {
			return err
		}
		if err := f.isNewer(a); err != nil {
			return err
		}
	}
	a.policy, err = f.host.Compile(f.name, data, signedpolicy.Beside(data), a.level)
	return err
}

// isNewer returns why a document must not replace what was in effect. Each kind of key counts its
// own versions, so a key of the function cannot hold up a central one. The highest version counts
// even after a rollback. Otherwise each rollback would allow another one, further back.
func (f *follower) isNewer(a *accepted) error {
	newest := f.newest
	switch {
	case newest == nil, a.level > newest.level, a.document == newest.document:
		return nil
	case a.level < newest.level:
		return errors.New("a key of the function signed it, and a central key the one in effect")
	}
	return a.claims.After(newest.claims)
}

// verify fills in who signed a document, and what the signature binds.
func (f *follower) verify(a *accepted, data, sig []byte, now time.Time) error {
	if sig == nil {
		return fmt.Errorf("%w, and this function has keys", signedpolicy.Unsigned(data))
	}
	// A key that is both central and own counts as central.
	claims, key, err := signedpolicy.Verify(f.keys.central, data, sig)
	level := sourceapi.ByCentral
	if err != nil && len(f.keys.own) > 0 {
		claims, key, err = signedpolicy.Verify(f.keys.own, data, sig)
		level = sourceapi.ByOwn
	}
	if err != nil {
		return err
	}
	// Options.Function could name another function, and take a policy that was signed for that one.
	// So a central signature is compared with the name that Lambda gave.
	function := f.facts.Function
	if level == sourceapi.ByCentral {
		function = f.facts.Lambda
	}
	if err := claims.Check(function, now); err != nil {
		return err
	}
	// Whoever writes the function must not switch off the security team's files.
	if level == sourceapi.ByOwn && claims.Replaces != signedpolicy.Nothing && claims.Replaces != signedpolicy.Own {
		return errors.New("it replaces central files, which takes a key of a layer")
	}
	a.level, a.claims, a.key = level, claims, key.ID()
	return nil
}

// isSigned reports whether a key of this function has signed the document.
func (a *accepted) isSigned() bool {
	return a.level == sourceapi.ByOwn || a.level == sourceapi.ByCentral
}

// until returns when what the document loosens at a time ends: with its cap, else with its
// signature. The zero time stands for a document that loosens nothing by then.
func (a *accepted) until(now time.Time) time.Time {
	switch {
	case !a.isSigned():
		return time.Time{}
	// A cap ends no later than the signature, so the earlier of both counts.
	case a.claims.Capped(now):
		return a.claims.Until
	case now.Before(a.claims.Expires):
		return a.claims.Expires
	}
	return time.Time{}
}

// standing returns what calls are judged by with a at a time. An unsigned document is joined to the
// packaged policies and alerts at most. A signed one may take the place of policies, or cap their
// verdicts: of the function's own with a key of Options, of the central ones with a central key.
// Both end with the signature. What the document forbids does not: nothing loosens by itself.
// See decision 40.
func (f *follower) standing(a *accepted, now time.Time) *sourceapi.Standing {
	s := &sourceapi.Standing{Until: a.until(now), Remote: notify.Remote{Version: a.version[:min(len(a.version), maxVersion)], SHA256: a.sha256, Key: a.key, Signed: int(a.claims.Version)}}
	own, central := f.facts.Own, f.facts.Central
	isSigned := a.isSigned()
	if isSigned && now.Before(a.claims.Expires) {
		switch replaces := a.claims.Replaces; {
		case replaces == signedpolicy.Own:
			own = nil
		case replaces == signedpolicy.Central && a.level == sourceapi.ByCentral:
			central = nil
		case replaces == signedpolicy.All && a.level == sourceapi.ByCentral:
			own, central = nil, nil
		}
	}
	capped := isSigned && a.claims.Capped(now)
	if capped {
		s.Capped = fmt.Sprintf("blocks are alerts until %s: %s", a.claims.Until.UTC().Format(time.RFC3339), a.claims.Reason)
		s.Remote.Cap = s.Capped
	}
	var parts []*policy.Policy
	add := func(p *policy.Policy, atMostAlert, notifies bool) {
		if notifies {
			s.Notify = append(s.Notify, p.Targets()...)
		}
		// AtMost turns each block of p into an alert.
		if atMostAlert {
			p = p.AtMost(policy.Alert)
		}
		parts = append(parts, p)
	}
	for _, p := range own {
		add(p, capped, true)
	}
	for _, p := range central {
		add(p, capped && a.level == sourceapi.ByCentral, true)
	}
	// An unsigned document chooses no targets: they would send the function's calls to whoever
	// wrote it.
	add(a.policy, capped || !isSigned, isSigned)
	s.Policy = policy.Join(parts...)
	// Alerts name every file, so that an auditor can see what judged a call.
	for _, info := range s.Policy.Info() {
		s.Hashes = append(s.Hashes, info.SHA256)
	}
	return s
}

// untried returns why the next policy of a document is not judged; "" if it is, or if there is
// none. A trial that fails does not keep the document from taking effect.
func (f *follower) untried(p *policy.Policy) string {
	for _, w := range p.Warnings() {
		if w.File == f.name && strings.HasPrefix(w.Problem, "next: ") {
			return w.String()
		}
	}
	return ""
}
