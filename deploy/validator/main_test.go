package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/outguard/outguard/internal/signedpolicy"
)

const good = "version: 1\non_violation: block\nwhitelist: []\n"

func TestCheck(t *testing.T) {
	now := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	sign := func(seed byte, text string) (document []byte, public string) {
		private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
		sig, k, err := signedpolicy.Sign(private, []byte(text), signedpolicy.Claims{Function: "pay-*", Version: 1, Signed: now, Expires: now.Add(time.Hour)})
		require.NoError(t, err)
		document, err = signedpolicy.Join([]byte(text), sig)
		require.NoError(t, err)
		return document, string(k.Text())
	}
	document, public := sign(1, good)
	foreign, _ := sign(2, good)
	broken, _ := sign(1, "version: 1\nwhitelsit: []\n")
	carry := func(next string) []byte {
		text, err := signedpolicy.Carry([]byte("version: 1\nnext: next.yaml\nblacklist: []\n"), "next.yaml", []byte(next))
		require.NoError(t, err)
		document, _ := sign(1, string(text))
		return document
	}
	for _, c := range []struct {
		name     string
		document []byte
		keys     string
		at       time.Time
		want     string
	}{
		{"unsigned", []byte(good), "", now, ""},
		{"broken", []byte("version: 1\nwhitelsit: []\n"), "", now, `policy.yaml:2:1: unknown key "whitelsit"`},
		{"HTML", []byte("<html>"), "", now, "policy.yaml"},
		{"signed", document, public, now, ""},
		{"not signed", []byte(good), public, now, "not signed"},
		{"by another key", foreign, public, now, "not one of this function's keys"},
		{"expired", document, public, now.Add(time.Hour), "expired"},
		{"signed and broken", broken, public, now, "whitelsit"},
		{"with a next policy", carry(good), public, now, ""},
		{"with a broken one", carry("version: 1\nwhitelsit: []\n"), public, now, `next.yaml:2:1: unknown key "whitelsit"`},
		{"with one that it lacks", []byte("version: 1\nnext: next.yaml\nblacklist: []\n"), "", now, "next.yaml"},
		{"with a feed", []byte("version: 1\nblacklist:\n  - feed: bad-hosts.txt\n"), "", now, "bad-hosts.txt"},
		{"unsigned and large", []byte(good + strings.Repeat("# comment\n", 13_200)), "", now, "more than 128 KB"},
		{"a key that cannot be read", document, "x", now, "OUTGUARD_KEYS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := check(c.document, c.keys, c.at)
			if c.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.want)
			}
		})
	}
	assert.NoError(t, handle(t.Context(), request{Content: base64.StdEncoding.EncodeToString([]byte(good))}))
	assert.ErrorContains(t, handle(t.Context(), request{Content: "!"}), "base64")
}
