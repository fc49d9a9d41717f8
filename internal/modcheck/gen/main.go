// Command gen writes the table of package modcheck from the changelog of AWS's SDK.
//
//	go run . [-check]
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

const (
	// core is the module whose CHANGELOG.md lists the releases of all services.
	core = "github.com/aws/aws-sdk-go-v2@v1.47.7"
	// breaking is the date of core v1.23.0, with which clients made for earlier ones do not work.
	breaking = "2023-11-15"
	table    = "../table.txt"
)

func main() {
	log.SetFlags(0)
	check := flag.Bool("check", false, "compare the table with what would be written")
	flag.Parse()
	// Exact versions replace those that the common changelog only bounds.
	last := lastBroken(changelog())
	maps.Copy(last, exact())
	made := render(last)
	if !*check {
		if err := os.WriteFile(table, made, 0o644); err != nil {
			log.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile(table); err != nil || !bytes.Equal(got, made) {
		log.Fatalf("%s is not what go run . would write", filepath.Clean(table))
	}
}

// changelog returns the text that lists the releases of all services, from the module's cache.
func changelog() string {
	out, err := exec.Command("go", "mod", "download", "-json", core).Output()
	if err != nil {
		log.Fatal(err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		log.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(module.Dir, "CHANGELOG.md"))
	if err != nil {
		log.Fatal(err)
	}
	return string(text)
}

// A version is a semantic version without labels, which the SDK's clients do not have.
type version struct{ major, minor, patch int }

var (
	// heading begins a release, with its day. entry names a service in it, with its new version.
	heading = regexp.MustCompile(`(?m)^# Release \((\d{4}-\d\d-\d\d)[.\d]*\)$`)
	entry   = regexp.MustCompile("(?m)^\\* `github.com/aws/aws-sdk-go-v2/service/([a-z0-9]+)`: \\[v(\\d+)\\.(\\d+)\\.(\\d+)\\]")
)

// exact returns the same from the changelogs of the services that internal/e2e uses, which list
// every version. What lastBroken knows of the others may be a minor version too low, never too
// high.
func exact() map[string]version {
	// That module requires the clients, so that their changelogs are in the module's cache.
	list := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Dir}}", "all")
	list.Dir = "../../e2e"
	out, err := list.Output()
	if err != nil {
		log.Fatal(err)
	}
	last := map[string]version{}
	for _, m := range service.FindAllStringSubmatch(string(out), -1) {
		text, err := os.ReadFile(filepath.Join(m[2], "CHANGELOG.md"))
		if err != nil {
			log.Fatal(err)
		}
		for _, v := range released.FindAllStringSubmatch(string(text), -1) { // newest first
			// Days in this form are ordered as texts.
			if v[4] < breaking {
				last[m[1]] = version{number(v[1]), number(v[2]), number(v[3])}
				break
			}
		}
	}
	return last
}

var (
	// service is a line of the list: a client's module and its folder. released begins a version in
	// its changelog, with its day.
	service  = regexp.MustCompile(`(?m)^github.com/aws/aws-sdk-go-v2/service/([a-z0-9]+) (.+)$`)
	released = regexp.MustCompile(`(?m)^# v(\d+)\.(\d+)\.(\d+) \((\d{4}-\d\d-\d\d)[.\d]*\)$`)
)

// Releases that raise every service, with no entry of its own: these two by a minor number, and
// each new version of core by a patch number.
var (
	minorForAll = regexp.MustCompile(`\*\*Feature\*\*: (\*\*BREAKING CHANGE\*\*: Bump minimum go version|Adds support for configured endpoints)`)
	newCore     = regexp.MustCompile("(?m)^\\* `github.com/aws/aws-sdk-go-v2`: v")
)

// lastBroken returns the last version of each service before the breaking release.
func lastBroken(text string) map[string]version {
	last := map[string]version{}
	headings := heading.FindAllStringSubmatchIndex(text, -1)
	for i := len(headings) - 1; i >= 0; i-- { // oldest first
		h := headings[i]
		// Later releases do not matter: clients work from here on.
		if text[h[2]:h[3]] >= breaking {
			break
		}
		// A release ends where the next heading begins.
		end := len(text)
		if i+1 < len(headings) {
			end = headings[i+1][0]
		}
		release := text[h[1]:end]
		minor, patch := minorForAll.MatchString(release), newCore.MatchString(release)
		// The number is counted up where the changelog does not give it.
		for name, v := range last {
			switch {
			case minor:
				last[name] = version{v.major, v.minor + 1, 0}
			case patch:
				last[name] = version{v.major, v.minor, v.patch + 1}
			}
		}
		// What the changelog gives replaces what was counted.
		for _, m := range entry.FindAllStringSubmatch(release, -1) {
			last[m[1]] = version{number(m[2]), number(m[3]), number(m[4])}
		}
	}
	return last
}

// number reads digits, which the patterns have found.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		log.Fatal(err)
	}
	return n
}

// render writes a line for each service, sorted by name, as package modcheck searches it.
func render(last map[string]version) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(last)) {
		v := last[name]
		fmt.Fprintf(&b, "%s %d.%d.%d\n", name, v.major, v.minor, v.patch)
	}
	return b.Bytes()
}
