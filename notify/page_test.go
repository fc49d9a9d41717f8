package notify

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// http.DetectContentType is the oracle.
func TestBeginsPage(t *testing.T) {
	pages := 0
	for _, tag := range append(pageTags[:], "<?xml", "<span", "{", "ok", "<", "", "<\u017fcript", "<d\u0131v") {
		for _, before := range []string{"", " ", "\r\n\t\f", "\v", "x"} {
			for _, behind := range []string{"", ">", " ", ">x", " x", "\n", "x", "/>"} {
				for _, text := range []string{before + tag + behind, before + strings.ToUpper(tag) + behind} {
					want := strings.HasPrefix(http.DetectContentType([]byte(text)), "text/html")
					assert.Equal(t, want, beginsPage(text), "%q", text)
					if want {
						pages++
					}
				}
			}
		}
	}
	assert.Greater(t, pages, 100)
}
