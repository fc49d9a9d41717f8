package notify

import "strings"

// pageTags are the tags by which browsers recognize a page of HTML, as http.DetectContentType has
// them. That function would also link the signatures of pictures, films and fonts, which are 9 KB.
var pageTags = [...]string{
	"<!doctype html", "<html", "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table", "<a", "<style", "<title", "<b",
	"<body", "<br", "<p", "<!--",
}

// beginsPage reports whether a text begins like a page of HTML.
func beginsPage(text string) bool {
	text = strings.TrimLeft(text, "\t\n\f\r ")
	for _, tag := range pageTags {
		n := len(tag)
		if len(text) > n && strings.EqualFold(text[:n], tag) && (text[n] == ' ' || text[n] == '>') {
			return true
		}
	}
	return false
}
