package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// gh stands for GitHub's command: it logs how it is called, and prints the comments that there are.
const gh = `#!/bin/bash
echo "$*" >>"$GH_LOG"
case "$*" in *--jq*) printf "$GH_COMMENTS" ;; *) exit "${GH_EXIT:-0}" ;; esac
`

// The step of the GitHub Action that compares a pull request with its base, as the runner runs it.
func TestActionCompares(t *testing.T) {
	const strict = "version: 1\non_violation: block\nwhitelist: [{http: a.test}]\n"
	const wide = "version: 1\non_violation: block\nwhitelist: [{http: a.test}, {http: b.test}]\n"
	const issue = "repos/o/r/issues"
	tests := []struct {
		name, old, new string
		env            []string
		exit           int
		summary, calls []string
	}{
		{"nothing changes", strict, strict, []string{"COMMENT=true"}, 0, []string{"### policy.yaml", "0 widen, 0 narrow"}, []string{issue + "/7/comments --paginate"}},
		{"a change", strict, wide, []string{"COMMENT=true"}, 0, []string{"widens  block → allow"}, []string{"api " + issue + "/7/comments -F body=@"}},
		{"a change again", strict, wide, []string{"COMMENT=true", "GH_COMMENTS=41\\n42"}, 0, nil, []string{"-X PATCH " + issue + "/comments/41 -F body=@"}},
		{"a change taken back", strict, strict, []string{"COMMENT=true", "GH_COMMENTS=41"}, 0, nil, []string{"-X PATCH " + issue + "/comments/41"}},
		{"no permission", strict, wide, []string{"COMMENT=true", "GH_EXIT=1"}, 0, []string{"widens"}, []string{"-F body=@"}},
		{"without a comment", strict, wide, nil, 0, []string{"widens"}, nil},
		{"a gate", strict, wide, []string{"GATE=true"}, 1, []string{"widens"}, nil},
		{"a gate that nothing passes", wide, strict, []string{"GATE=true"}, 0, []string{"narrows"}, nil},
		{"a new policy", "", wide, []string{"COMMENT=true", "GATE=true"}, 0, []string{"policy.yaml is new"}, []string{"-F body=@"}},
		{"a comment of somebody else", strict, wide, []string{"COMMENT=true"}, 0, nil, []string{`select(.user.type == "Bot" and`}},
		{"a policy that is removed", strict, "", []string{"COMMENT=true", "GATE=true", "POLICIES=*.yaml"}, 1, []string{"policy.yaml is removed"}, []string{"-F body=@"}},
		{"removed without a gate", strict, "", nil, 0, []string{"policy.yaml is removed"}, nil},
	}
	script := stepOf(t, "Compare with the base of the pull request")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, tools := t.TempDir(), t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(tools, "gh"), []byte(gh), 0o755))
			require.NoError(t, os.Mkdir(filepath.Join(tools, "temp"), 0o755))
			git := func(args ...string) string {
				cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=n", "-c", "user.email=n@a.test", "-c", "commit.gpgsign=false"}, args...)...)
				cmd.Dir, cmd.Stderr = dir, os.Stderr
				out, err := cmd.Output()
				require.NoError(t, err, args)
				return strings.TrimSpace(string(out))
			}
			git("init", "-q")
			if tt.old != "" {
				require.NoError(t, os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(tt.old), 0o644))
				git("add", ".")
			}
			git("commit", "-q", "--allow-empty", "-m", "base")
			base := git("rev-parse", "HEAD")
			if tt.new == "" {
				require.NoError(t, os.Remove(filepath.Join(dir, "policy.yaml")))
			} else {
				require.NoError(t, os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(tt.new), 0o644))
			}
			run := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
			run.Dir = dir
			run.Env = append(os.Environ(), append([]string{
				"PATH=" + bin + ":" + tools + ":" + os.Getenv("PATH"), "POLICIES=policy.yaml", "REGION=", "ACCOUNT=", "GATE=false", "COMMENT=false",
				"BASE=" + base, "COMMENTS=" + issue + "/7/comments", "RUNNER_TEMP=" + filepath.Join(tools, "temp"),
				"GITHUB_STEP_SUMMARY=" + filepath.Join(tools, "summary"), "GH_LOG=" + filepath.Join(tools, "gh.log"), "GH_COMMENTS=",
			}, tt.env...)...)
			out, _ := run.CombinedOutput()
			assert.Equal(t, tt.exit, run.ProcessState.ExitCode(), string(out))
			summary, _ := os.ReadFile(filepath.Join(tools, "summary"))
			for _, want := range tt.summary {
				assert.Contains(t, string(summary), want)
			}
			calls, _ := os.ReadFile(filepath.Join(tools, "gh.log"))
			for _, want := range tt.calls {
				assert.Contains(t, string(calls), want)
			}
			switch {
			case tt.calls == nil:
				assert.Empty(t, string(calls))
			case tt.name == "nothing changes":
				assert.NotContains(t, string(calls), "-F")
			}
			assert.Equal(t, tt.name == "no permission", strings.Contains(string(out), "::notice::"), string(out))
		})
	}
}

// stepOf returns the script of a step of the action.
func stepOf(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../../action.yml")
	require.NoError(t, err)
	var action struct {
		Runs struct {
			Steps []struct{ Name, Run string }
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &action))
	for _, s := range action.Runs.Steps {
		if s.Name == name {
			return s.Run
		}
	}
	t.Fatalf("action.yml has no step %q", name)
	return ""
}
