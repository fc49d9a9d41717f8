package bench

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stream writes a log whose calls differ in ids, regions and callers. Of 4 lines, 1 is of an
// allowed call, and 1 of another program.
func stream(to io.Writer, lines int) error {
	w := bufio.NewWriterSize(to, 1<<20)
	random := rand.New(rand.NewPCG(16, 6))
	for i := range lines {
		region := [...]string{"eu-west-1", "us-east-1"}[i%2]
		when := time.Unix(1_795_000_000+int64(i/100), 0).UTC().Format(time.RFC3339)
		line := func(call, caller string) {
			fmt.Fprintf(w, `{"level":"WARN","timestamp":"%s","schema":"outguard.alert/v1","time":"%s","verdict":"log","fingerprint":"%032x","function":"checkout","stage":"prod","region":"%s",`+
				`"account":"111122223333","cold_start":false,"call":{%s},"list":"whitelist","reason":"no whitelist rule matches","policy":"%064d","caller":"%s","count":1}`+"\n",
				when, when, i%8, region, call, 7, caller)
		}
		switch i % 4 {
		case 0:
			line(fmt.Sprintf(`"kind":"http","method":"GET","url":"https://api.stripe.com/v1/charges/%d","via":"transport"`, random.IntN(1_000_000)), "main.charge main.go:42")
		case 1: // such lines have no fingerprint
			fmt.Fprintf(w, `{"level":"INFO","timestamp":"%s","schema":"outguard.seen/v1","time":"%s","verdict":"allow","function":"checkout","stage":"prod","region":"%s","account":"111122223333",`+
				`"form":"s3:PutObject on arn:aws:s3:::receipts/*/*.pdf","call":{"kind":"aws","service":"s3","operation":"PutObject","access":"write","resources":["arn:aws:s3:::receipts/2026/%d.pdf"],"region":"%s","via":"sdk"},`+
				`"list":"whitelist","rule":"policy.yaml:6","place":"policy.yaml:6","caller":"main.store store.go:7","count":1}`+"\n", when, when, region, random.IntN(1_000_000), region)
		case 2:
			line(`"kind":"net","net":"db.internal:5432","via":"dial"`, "main.query db.go:9")
		case 3:
			fmt.Fprintf(w, "{\"level\":\"INFO\",\"timestamp\":\"%s\",\"msg\":\"order %d\"}\n", when, random.IntN(1_000_000))
		}
	}
	return w.Flush()
}

// TestStream streams a log through the command. With LONG=1 it has 10 million lines, and 2 GB that
// hold nothing, as gzip.
func TestStream(t *testing.T) {
	lines, empty := 100_000, int64(20<<20)
	long := os.Getenv("LONG") != ""
	if long {
		lines, empty = 10_000_000, 2<<30
	}
	bin := filepath.Join(t.TempDir(), "outguard")
	build := exec.CommandContext(t.Context(), "go", "build", "-C", "..", "-o", bin, "./cmd/outguard")
	build.Stderr = os.Stderr
	require.NoError(t, build.Run())
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	require.NoError(t, os.WriteFile(policy, []byte("version: 1\non_violation: block\nwhitelist: [{http: https://api.stripe.com/**}]\n"), 0o644))
	for _, c := range []struct {
		name string
		args []string
		in   func(io.Writer) error
		exit int
	}{
		{"learn", []string{"learn"}, func(w io.Writer) error { return stream(w, lines) }, 0},
		{"diff", []string{"diff", "-calls-only", "-calls", "-", policy, policy}, func(w io.Writer) error { return stream(w, lines) }, 0},
		{"gzip", []string{"learn"}, func(w io.Writer) error {
			z := gzip.NewWriter(w)
			if err := stream(z, 1000); err != nil {
				return err
			}
			text := strings.Repeat("a line of another program, with {braces} and \"quotes\"\n", 1<<14)
			for n := int64(0); n < empty; n += int64(len(text)) {
				if _, err := io.WriteString(z, text); err != nil {
					return err
				}
			}
			return z.Close()
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := exec.CommandContext(t.Context(), bin, c.args...)
			in, err := run.StdinPipe()
			require.NoError(t, err)
			began := time.Now()
			require.NoError(t, run.Start())
			require.NoError(t, c.in(in))
			// What the kernel reports of a process that has ended begins with what this one had.
			memory := memoryOf(t, run.Process.Pid)["VmHWM"]
			require.NoError(t, in.Close())
			_ = run.Wait()
			assert.Equal(t, c.exit, run.ProcessState.ExitCode())
			cpu := run.ProcessState.UserTime() + run.ProcessState.SystemTime()
			t.Logf("%d lines: %.1f s of the processor, %.1f s with what writes the log, %.0f MB", lines, cpu.Seconds(), time.Since(began).Seconds(), memory)
			assert.Less(t, memory, 100.0, "MB")
			if long {
				assert.Less(t, cpu, time.Minute)
			}
		})
	}
}
