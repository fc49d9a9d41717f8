package netguard

import "sync"

// lookups are the hosts that goroutines look up. Package net's hooks name the host at the start of
// a look-up and the addresses at its end, both on the same goroutine. To find out which goroutine
// that is takes time, so it is left out for a look-up that begins while no other runs.
type lookups struct {
	mu    sync.Mutex
	alone string // of the one whose goroutine is not known; "": none
	by    map[goroutine]string
}

// start notes that the goroutine that runs looks host up.
func (l *lookups) start(host string) {
	l.mu.Lock()
	if l.alone == "" && len(l.by) == 0 {
		l.alone = host
		l.mu.Unlock()
		return
	}
	l.mu.Unlock()
	g := running()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by == nil || len(l.by) >= maxKnown {
		l.by = map[goroutine]string{}
	}
	l.by[g] = host
}

// done returns the host of the look-up that ends; "" if it is not known.
func (l *lookups) done() (host string) {
	l.mu.Lock()
	if len(l.by) == 0 {
		host, l.alone = l.alone, ""
		l.mu.Unlock()
		return host
	}
	l.mu.Unlock()
	g := running()
	l.mu.Lock()
	defer l.mu.Unlock()
	if host, ok := l.by[g]; ok {
		delete(l.by, g)
		if g == 0 {
			return "" // it may be another's
		}
		return host
	}
	host, l.alone = l.alone, ""
	return host
}
