// Package modcheck finds modules in a build that do not work together.
//
// Each import of Outguard raises the core of AWS's SDK to v1.24.0 at least. Clients made for a core
// before v1.23.0 (2023-11-15) compile with a newer one, and then every call fails at run time.
package modcheck

import (
	_ "embed"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
)

const (
	core     = "github.com/aws/aws-sdk-go-v2"
	services = core + "/service/"
	// breaking is the first core with which older clients fail.
	breaking = "1.23.0"
)

// table has a line for each service: its name, and its last version that needs a core before
// breaking. A service without a line has none. gen writes it.
//
//go:embed table.txt
var table string

// Warning returns a line that names the AWS clients of a build that do not work with its core, and
// the command that updates them. It returns "" if all of them work. info comes from
// [debug.ReadBuildInfo] or debug/buildinfo; it may be nil. A version that is not a release is not
// judged.
func Warning(info *debug.BuildInfo) string {
	if info == nil {
		return ""
	}
	used := ""
	var clients, paths []string
	for _, m := range info.Deps {
		version := m.Version
		if m.Replace != nil {
			version = m.Replace.Version
		}
		if m.Path == core {
			used = version
		}
		name, ok := strings.CutPrefix(m.Path, services)
		if ok && broken(name, version) {
			clients = append(clients, name+" "+version)
			paths = append(paths, m.Path+"@latest")
		}
	}
	if newer, ok := before(breaking, used, true); len(clients) == 0 || !ok || !newer {
		return ""
	}
	return fmt.Sprintf("these AWS clients fail on every call, because they are older than aws-sdk-go-v2 %s: %s; update them: go get %s",
		used, strings.Join(clients, ", "), strings.Join(paths, " "))
}

// broken reports whether a version of a service needs a core before breaking.
func broken(service, version string) bool {
	_, after, ok := strings.Cut("\n"+table, "\n"+service+" ")
	if !ok {
		return false
	}
	last, _, _ := strings.Cut(after, "\n")
	newer, ok := before(last, version, false)
	return ok && !newer
}

// before reports whether version a comes before b, or, if orEqual, is the same. Its second result
// is false unless both consist of three numbers. A "v" at the start and what follows "+" are
// ignored.
func before(a, b string, orEqual bool) (result, ok bool) {
	x, okX := parse(a)
	y, okY := parse(b)
	if !okX || !okY {
		return false, false
	}
	for i := range x {
		if x[i] != y[i] {
			return x[i] < y[i], true
		}
	}
	return orEqual, true
}

func parse(version string) (v [3]uint64, ok bool) {
	version, _, _ = strings.Cut(strings.TrimPrefix(version, "v"), "+")
	parts := strings.Split(version, ".")
	if len(parts) != len(v) {
		return v, false
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return v, false
		}
		v[i] = n
	}
	return v, true
}
