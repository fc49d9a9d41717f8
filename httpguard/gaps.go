package httpguard

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Gaps says, for people, which uses of http.DefaultTransport are not guarded, or not wholly;
// nil: none that is known. It looks anew each time: somebody may have put another transport in
// place since.
func (i *Installation) Gaps() []string {
	process.Lock()
	s := process.transport
	process.Unlock()
	var gaps []string
	if s.gap != "" {
		gaps = append(gaps, s.gap)
	}
	gaps = append(gaps, replaced()...)
	if s.transport == http.DefaultTransport {
		gaps = append(gaps, s.changed()...)
	}
	gaps = append(gaps, otherSchemes(s.transport)...)
	return append(gaps, s.copies.gaps()...)
}

// replaced says what stands in the place of guarded transports.
func replaced() (gaps []string) {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok || t == nil || shellFor(t) == nil {
		gaps = append(gaps, fmt.Sprintf("http.DefaultTransport has been replaced (by a %T) since the guard was installed: "+
			"what does not go through the guarded one is not guarded", http.DefaultTransport))
	} else if !shellFor(t).isRegistered() {
		gaps = append(gaps, "http.DefaultTransport has been overwritten in place since the guard was installed: what goes through it is not guarded")
	}
	if http.DefaultClient == nil {
		return gaps
	}
	if rt := http.DefaultClient.Transport; isForeign(rt) {
		gaps = append(gaps, fmt.Sprintf("http.DefaultClient.Transport has been set (to a %T) since the guard was installed: "+
			"http.Get and the like are not guarded", rt))
	}
	return gaps
}

// changed says which hooks somebody has replaced since.
func (s *shell) changed() (gaps []string) {
	var fields []string
	if shellOf(word(&s.transport.Proxy)) != s {
		fields = append(fields, "Proxy")
	}
	if shellOf(word(&s.transport.DialContext)) != s {
		fields = append(fields, "DialContext")
	}
	if len(fields) == 0 {
		return nil
	}
	have := "has"
	if len(fields) > 1 {
		have = "have"
	}
	return []string{"http.DefaultTransport's " + strings.Join(fields, " and ") + " " + have +
		" been set since the guard was installed: copies of the transport are not guarded, or not wholly"}
}

// otherSchemes says which schemes t serves beside http and https.
func otherSchemes(t *http.Transport) []string {
	if registered, ok := protocols(t); !ok || len(registered) <= 2 { // the shell's own
		return nil
	}
	var other []string
	for _, scheme := range slices.Sorted(maps.Keys(schemes(t))) {
		if scheme != "http" && scheme != "https" {
			other = append(other, strconv.Quote(scheme))
		}
	}
	if other == nil {
		return nil
	}
	return []string{"http.DefaultTransport has a round tripper for " + strings.Join(other, ", ") + ": requests with that scheme are not guarded"}
}
