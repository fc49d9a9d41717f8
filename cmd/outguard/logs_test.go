package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const aLine = `{"schema":"outguard.alert/v1","time":"2026-11-20T12:00:00Z","verdict":"log","function":"checkout","stage":"prod",` +
	`"call":{"kind":"http","method":"GET","url":"https://a.example/x"},"list":"whitelist","reason":"no entry","count":1}` + "\n"

// stored writes a log as it is stored somewhere.
func stored(t *testing.T, name string, data []byte) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(name, data, 0o600))
	return name
}

// utf16Bytes is a text as PowerShell's > writes it, or with the bytes of each unit swapped.
func utf16Bytes(s string, swapped bool) (b []byte) {
	for _, unit := range utf16.Encode([]rune("\ufeff" + s)) {
		low, high := byte(unit), byte(unit>>8)
		if swapped {
			low, high = high, low
		}
		b = append(b, low, high)
	}
	return b
}

func cutGzip(t *testing.T, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(s))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()[:b.Len()-8]
}

// Every command that reads logs reads UTF-16, and what is left of a gzip that was cut. The exit
// code is then that of a log that cannot be read.
func TestStoredLogs(t *testing.T) {
	policy := stored(t, "policy.yaml", []byte("version: 1\non_violation: log\nwhitelist:\n  - http: https://a.example/y\n"))
	logs := []struct {
		name string
		data []byte
		exit int
	}{
		{"little.log", utf16Bytes(aLine, false), exitOK},
		{"big.log", utf16Bytes(aLine, true), exitOK},
		{"cut.log.gz", cutGzip(t, aLine), exitUsage},
	}
	for _, log := range logs {
		file := stored(t, log.name, log.data)
		for _, tt := range []struct {
			args, want string
			exit       int
		}{
			{"learn LOG", "a.example/x", exitOK},
			{"learn", "a.example/x", exitOK},
			{"learn -policy POLICY -unused LOG", "a.example/y", exitFound},
			{"report -format md LOG", "a.example", exitOK},
			{"diff -calls LOG POLICY POLICY", "0 widen, 0 narrow", exitOK},
			{"diff -calls LOG -calls-only -gate POLICY POLICY", "of 1 kind of call", exitOK},
			{"explain -policy POLICY -", "a.example/x", exitFound},
		} {
			t.Run(log.name+"_"+strings.Fields(tt.args)[0], func(t *testing.T) {
				in, err := os.Open(file)
				require.NoError(t, err)
				defer in.Close()
				var out, errs bytes.Buffer
				args := strings.Fields(strings.NewReplacer("LOG", file, "POLICY", policy).Replace(tt.args))
				exit := run(args, stdio{in, &out, &errs})
				if log.exit != exitOK {
					assert.Equal(t, log.exit, exit)
					assert.Contains(t, errs.String(), "the gzip is cut off; what it holds up to there was read")
				} else {
					assert.Equal(t, tt.exit, exit, errs.String())
				}
				assert.Contains(t, out.String(), tt.want)
			})
		}
	}
}
