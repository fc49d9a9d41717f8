// Package before calls out in its init function. Go initializes packages by their imports and then
// by their import paths, and this one imports little and sorts before github.com.
package before

import (
	"net/http"
	"os"
)

func init() {
	if url := os.Getenv("MATRIX_BEFORE"); url != "" {
		if resp, err := http.Get(url); err == nil {
			resp.Body.Close()
		}
	}
}
