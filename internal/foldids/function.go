package foldids

import "strings"

// Generated suffixes of the names of functions have 8 to 13 letters and digits:
// CheckoutFunction-1A2B3C4D5E6F.
const (
	shortestSuffix = 8
	longestSuffix  = 13
)

// Function returns the glob for a function's name that ends as SAM, CDK and CloudFormation generate
// it, and so changes with every new stack: shop-Checkout-* for shop-Checkout-1A2B3C4D5E6F. Any
// other name is returned as it is.
func Function(name string) string {
	i := strings.LastIndexByte(name, '-')
	suffix := name[i+1:]
	// i of 0 or less: no hyphen, or nothing in front of it.
	if i <= 0 || len(suffix) < shortestSuffix || len(suffix) > longestSuffix {
		return name
	}
	// Both are needed: shop-Checkout-20240101 is a date, shop-checkout-handler a word.
	digits, letters := false, false
	for _, c := range suffix {
		switch {
		case c >= '0' && c <= '9':
			digits = true
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
			letters = true
		default:
			return name
		}
	}
	if !digits || !letters {
		return name
	}
	// The part in front may have ids of its own: the stack of a preview has its number.
	return String(Resource, name[:i]) + "-*"
}
