package guard

// CallerBelow asks for the caller below n frames that are to be skipped. It is for a benchmark that is itself the user's code.
//
//go:noinline
func CallerBelow(n int) string {
	if n == 0 {
		return caller()
	}
	place := CallerBelow(n - 1)
	return place
}
