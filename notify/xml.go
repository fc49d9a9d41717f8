package notify

import "strings"

// walkXML calls visit at the end of each element of text: with its path, such as
// "ErrorResponse/Error/Code", and with what stands between its tags, or "" if that includes other
// elements. It returns at the first thing that AWS's responses do not have, and where the text was
// cut: the elements visited until then were whole.
//
// It knows tags, with attributes, which it ignores, and what starts with <? or <!, which it skips.
// encoding/xml would add 0.1 MB to every function.
func walkXML(text string, visit func(path, content string)) {
	var open []string // names of the elements around
	leaf := false     // the last tag opened an element
	for {
		// No "<" any more: the text ends here, or was cut.
		content, rest, ok := strings.Cut(text, "<")
		if !ok {
			return
		}
		tag, after, ok := strings.Cut(rest, ">")
		if !ok {
			return
		}
		text = after
		switch {
		case strings.HasPrefix(tag, "?"), strings.HasPrefix(tag, "!"):
			leaf = false
		case strings.HasPrefix(tag, "/"):
			name := strings.TrimRight(tag[1:], " \t\r\n")
			// Not well-formed, so not AWS's. What follows cannot be trusted.
			if len(open) == 0 || open[len(open)-1] != name {
				return
			}
			// Between elements, AWS's responses have white space at most.
			if !leaf {
				content = ""
			}
			visit(strings.Join(open, "/"), content)
			open, leaf = open[:len(open)-1], false
		default:
			name, _, _ := strings.Cut(tag, " ")
			// A hostile response of 64 KB could open 20,000 elements, and each visit joins their
			// names.
			if len(open) == maxDepth || !isXMLName(strings.TrimSuffix(name, "/")) {
				return
			}
			if leaf = !strings.HasSuffix(tag, "/"); leaf {
				open = append(open, name)
			}
		}
		if len(open) == 0 && len(tag) > 0 && tag[0] == '/' {
			return // the end of the root
		}
	}
}

// maxDepth is how deep elements may be nested. SNS's are at most five deep.
const maxDepth = 16

// isXMLName reports whether s is a name as AWS's elements have: ASCII letters and digits.
func isXMLName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && (c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
