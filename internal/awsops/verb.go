package awsops

import "strings"

// verbs says what an operation that no table knows does, by the verb of its name. A verb that is not here writes.
const verbs = "\ncheck=read\ncompare=read\ncount=read\ndecode=read\ndescribe=read\ndetect=read\ndiscover=read\ndownload=read" +
	"\nestimate=read\nevaluate=read\nfilter=read\nfind=read\nget=read\nhead=read\nis=read\nlist=list\nlookup=read\npeek=read" +
	"\npreview=read\nquery=read\nread=read\nreceive=read\nrecognize=read\nresolve=read\nretrieve=read\nsample=read\nscan=read" +
	"\nsearch=read\nselect=read\nsimulate=read\ntag=tagging\ntest=read\nuntag=tagging\nvalidate=read\nverify=read\nview=read\n"

// Guess says what an operation does by its verb, the first word of its name after Batch, Bulk or Transact.
// An unknown verb is taken for a write.
func Guess(operation string) Level {
	for {
		word := firstWord(operation)
		switch word {
		case "":
			return Write
		case "Batch", "Bulk", "Transact":
			operation = operation[len(word):]
			continue
		}
		switch access, _ := find(verbs, strings.ToLower(word)); access {
		case "=read":
			return Read
		case "=list":
			return List
		case "=tagging":
			return Tagging
		}
		return Write
	}
}

// firstWord returns the first word of a camel-case name: "Get" of "GetObject", "DB" of "DBInstance".
func firstWord(name string) string {
	n := 0
	for n < len(name) && isUpper(name[n]) {
		n++
	}
	if n > 1 && n < len(name) {
		return name[:n-1]
	}
	for n < len(name) && !isUpper(name[n]) {
		n++
	}
	return name[:n]
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
