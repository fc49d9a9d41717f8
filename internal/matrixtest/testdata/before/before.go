// Package before calls out in its init function. Go initializes packages by their imports and then
// by their import paths, and this one imports little and sorts before github.com.
package before

import (
	"net/http"
	"os"
)

func init() {
	// The guard goes by the environment that the process was started with.
	_ = os.Setenv("OUTGUARD_LAYERS", "-names,-context")
	_ = os.Unsetenv("AWS_LAMBDA_FUNCTION_NAME")
	if url := os.Getenv("MATRIX_BEFORE"); url != "" {
		if resp, err := http.Get(url); err == nil {
			resp.Body.Close()
		}
	}
}
