// Package early calls out in its init function, as packages do that report their start.
package early

import (
	"net/http"
	"os"

	"github.com/outguard/outguard/internal/recipetest"

	_ "github.com/outguard/outguard/internal/matrixtest/dns" // so that it is initialized before this package
)

func init() { Get(os.Getenv("MATRIX_INIT")) }

// Get gets a URL, by http.Get. It does nothing without one.
func Get(url string) {
	if url != "" {
		_ = recipetest.Drain(http.Get(url))
	}
}
