package main

import (
	"os"
	"testing"
)

func TestGet(t *testing.T) {
	if err := get(os.Getenv("URL")); err != nil {
		t.Fatal(err)
	}
}
