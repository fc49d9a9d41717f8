package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// maxSize is what the guard may add to a function, in MB. The aim is 1 MB; README.md says what it is made of.
const maxSize = 2.3

// TestBinarySize builds the same function bare and guarded, as for Lambda, and compares.
func TestBinarySize(t *testing.T) {
	if testing.Short() {
		t.Skip("builds two binaries")
	}
	size := func(name string) float64 {
		out := filepath.Join(t.TempDir(), name)
		build := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", out, "./size/"+name)
		build.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
		if text, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		info, err := os.Stat(out)
		if err != nil {
			t.Fatal(err)
		}
		return float64(info.Size()) / 1e6
	}
	bare, guarded := size("bare"), size("guarded")
	t.Logf("bare %.2f MB, guarded %.2f MB: %.2f MB more", bare, guarded, guarded-bare)
	if guarded-bare > maxSize {
		t.Errorf("the guard adds %.2f MB, more than %.1f MB", guarded-bare, maxSize)
	}
}
