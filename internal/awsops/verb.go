package awsops

import "strings"

// Guess guesses the level of an operation from its verb, which is the first word of its name after
// Batch, Bulk or Transact. An unknown verb counts as a write.
func Guess(operation string) Level {
	// The verb decides in the way that AWS names operations: Get and Head read, List lists, Tag
	// tags.
	switch find(verbs, strings.ToLower(verb(operation))) {
	case "read":
		return Read
	case "list":
		return List
	case "tagging":
		return Tagging
	}
	return Write
}

// verb returns the first word of a camel-case name after Batch, Bulk or Transact.
func verb(name string) string {
	for {
		n := 0
		for n < len(name) && isUpper(name[n]) {
			n++
		}
		// "SQSSend" begins with SQS, and "GetItem" with Get.
		if n > 1 && n < len(name) {
			n-- // the last of several capitals begins the next word
		} else {
			for n < len(name) && !isUpper(name[n]) {
				n++
			}
		}
		// BatchGetItem reads: the word after Batch counts.
		switch name[:n] {
		case "Batch", "Bulk", "Transact":
			name = name[n:]
		default:
			return name[:n]
		}
	}
}

// isUpper reports whether a byte is an upper-case letter of ASCII.
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
