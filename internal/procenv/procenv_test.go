package procenv

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The test binary runs itself with a known environment.
func TestMain(m *testing.M) {
	if os.Getenv("PROCENV_CHILD") == "" {
		os.Exit(m.Run())
	}
	_ = os.Setenv("PROCENV_VALUE", "set later")
	_ = os.Setenv("PROCENV_NEW", "set later")
	_ = os.Unsetenv("PROCENV_KEPT")
	e := Read()
	if e.Err != nil {
		os.Exit(2)
	}
	if Read() != e {
		os.Exit(3) // it is read once
	}
	_, _ = os.Stdout.WriteString(e.Getenv("PROCENV_VALUE") + "|" + e.Getenv("PROCENV_NEW") + "|" + e.Getenv("PROCENV_KEPT"))
	os.Exit(0)
}

// os.Setenv and os.Unsetenv do not change the block.
func TestReadTheBlockOfTheStart(t *testing.T) {
	if _, err := os.Stat(path); err != nil {
		t.Skip("this system does not show the block of the process")
	}
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Env = []string{"PROCENV_CHILD=1", "PROCENV_VALUE=a=b", "PROCENV_VALUE=second", "PROCENV_KEPT=kept"}
	out, err := cmd.Output()
	require.NoError(t, err)
	// exec.Cmd keeps the last of equal names.
	assert.Equal(t, "second||kept", string(out))
}

func TestGetenv(t *testing.T) {
	e := &Env{values: valuesOf(strings.Join([]string{"A=1", "A=2", "AB=3", "EMPTY=", "=C:=x", "NOVALUE", "", "B=x=y\nz", "PRE=AS", "LAST=B", ""}, "\x00"))}
	for name, want := range map[string]string{
		"A": "1", "AB": "3", "EMPTY": "", "=C:": "x", "NOVALUE": "", "B": "x=y\nz", "": "", "B=x": "", "C:": "", "a": "",
		"PRE": "AS", "E": "", "S": "", "LAST": "B", "T": "", "AB=3\x00EMPTY": "",
	} {
		assert.Equal(t, want, e.Getenv(name), name)
	}
}

func TestNilEnv(t *testing.T) { assert.Empty(t, (*Env)(nil).Getenv("PATH")) }
