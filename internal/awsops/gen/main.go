// Gen makes the tables of package awsops from the files in data.
//
//	go run .                  writes the tables
//	go run . -check           fails if the tables in the tree differ from what it would write
//	go run . -fetch           first renews the data from the versions that data/sources.txt pins
//	go run . -count           writes nothing; counts the operations whose resources are known
//	go run . -newest          first pins the newest versions, then does the same
//
// It needs only what is in this directory, except for -fetch and -newest, which run npm and go, and
// -count, which runs go.
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
	renew := flag.Bool("fetch", false, "renew the data from the sources that data/sources.txt pins")
	newest := flag.Bool("newest", false, "pin the newest versions of the sources, and renew the data from them")
	counts := flag.Bool("count", false, "write nothing; count the operations whose resources are known")
	flag.Parse()
	if *counts {
		if err := count(os.Stdout, "data"); err != nil {
			fmt.Fprintln(os.Stderr, "gen:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(*check, *renew, *newest); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run makes the tables. check compares them with the tree, renew fetches data before, newest also
// pins newer versions.
func run(check, renew, newest bool) error {
	if newest {
		if err := pinNewest("data"); err != nil {
			return err
		}
	}
	if renew || newest {
		if err := fetch("data"); err != nil {
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
	if check {
		// The kinds are made by -fetch alone, so that only their sum can be compared.
		return checkKinds("data", filepath.Join("..", "names", "kinds.txt"))
	}
	return nil
}
