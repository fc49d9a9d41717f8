package guard

// CallerBelow looks up the caller from below n frames that are skipped. It is for a benchmark that
// is itself the user's code.
//
//go:noinline
func CallerBelow(n int) string {
	if n == 0 {
		return caller()
	}
	place := CallerBelow(n - 1)
	return place
}
