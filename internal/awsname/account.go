package awsname

// IsAccount reports whether s is an AWS account's id: 12 digits.
func IsAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	// Ids may begin with zeros, so that they are texts and not numbers.
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
