// Package names has the names of all AWS operations and IAM actions, so that the command can find
// typos in a policy. It is half a megabyte of text, which functions do not link.
package names

import (
	_ "embed"
	"path"
	"strings"
)

//go:embed names.txt
var list string

// Of returns the SDK operations and the IAM actions of the service with an IAM prefix, sorted.
func Of(prefix string) []string {
	names := strings.Fields(lineOf(prefix))
	for i, name := range names {
		names[i] = strings.TrimPrefix(name, "-")
	}
	return names
}

// lineOf returns the names of a service, with a - before each action that no operation takes.
func lineOf(prefix string) string {
	_, after, _ := strings.Cut("\n"+list, "\n"+prefix+" ")
	line, _, _ := strings.Cut(after, "\n")
	return line
}

// Untaken reports whether a name is an action of IAM that no operation of the SDK takes, so that no
// call corresponds to it: "iam:PassRole", "logs:CreateLogDelivery". Case does not matter.
func Untaken(prefix, name string) bool {
	for n := range strings.FieldsSeq(lineOf(prefix)) {
		if action, ok := strings.CutPrefix(n, "-"); ok && strings.EqualFold(action, name) {
			return true
		}
	}
	return false
}

// Matches reports whether a glob matches any name of the service. Case does not matter.
func Matches(prefix, glob string) bool {
	glob = strings.ToLower(glob)
	for _, name := range Of(prefix) {
		if ok, _ := path.Match(glob, strings.ToLower(name)); ok {
			return true
		}
	}
	return false
}

// Nearest returns the name of the service that differs from a name by the fewest edits, or "" if
// all differ by more than three. Case does not matter.
func Nearest(prefix, name string) string {
	best, most := "", 4
	for _, n := range Of(prefix) {
		if d := distance(strings.ToLower(name), strings.ToLower(n), most); d < most {
			best, most = n, d
		}
	}
	return best
}

// distance returns how many edits (insert, delete, replace) turn a into b, or most if it is not
// less.
func distance(a, b string, most int) int {
	if len(a)-len(b) >= most || len(b)-len(a) >= most {
		return most
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
