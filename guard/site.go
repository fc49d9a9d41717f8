package guard

import (
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
)

// This file knows the places in the program that calls come from.

// A site is a place in the program, as a frame of a stack.
type site struct {
	pc    uintptr
	next  *site // of the same slot of sites
	kind  siteKind
	path  string // import path of its package
	main  bool   // the package is main
	place string // "package.Func file.go:12"
}

// siteKind says what a frame means for the search for the caller, see callerScan.
type siteKind uint8

const (
	passed     siteKind = iota // of the standard library or Outguard
	passedSDK                  // of the AWS SDK or smithy
	httpClient                 // a method of net/http's Client
	sdkClient                  // a method of the Client of an SDK's service
	user                       // any other
)

// sites holds the sites that have been looked up, by program counter: a map whose reads take
// neither locks nor memory. Its size is bounded by the number of call sites in the program.
var sites [1 << 10]atomic.Pointer[site]

// siteOf returns the site of a program counter. Each one from runtime.Callers is one frame, also
// that of an inlined function.
func siteOf(pc uintptr) *site {
	slot := &sites[(pc>>2^pc>>12)%uintptr(len(sites))]
	head := slot.Load()
	for s := head; s != nil; s = s.next {
		if s.pc == pc {
			return s
		}
	}
	// Two goroutines may add the same site at once. A duplicate is harmless: each is complete and
	// never changes.
	s := newSite(pc)
	for {
		s.next = head
		if slot.CompareAndSwap(head, s) {
			return s
		}
		head = slot.Load()
	}
}

// newSite looks a program counter up in the function table. siteOf does that once for each, because
// it allocates.
func newSite(pc uintptr) *site {
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	s := &site{pc: pc}
	// Only user code is ever named as a caller, so other sites need no text.
	if s.kind, s.path = kindOf(frame.Function); s.kind == user {
		s.place = format(frame)
	}
	if s.path == "main" {
		s.main, s.path = true, mainPath()
	}
	return s
}

// kindOf returns what the frame of a function is for, and the import path of its package.
func kindOf(function string) (kind siteKind, path string) {
	pkg := packageOf(function)
	path = withoutVendor(pkg)
	client := strings.HasPrefix(function[min(len(pkg), len(function)):], ".(*Client).")
	switch {
	case pkg == "net/http" && client:
		return httpClient, path
	// s3.(*Client).PutObject is an entry; helpers such as those of feature/s3/manager are not.
	case isSDK(pkg) && client && strings.Contains(pkg, "/service/"):
		return sdkClient, path
	case isSDK(pkg):
		return passedSDK, path
	case isStandard(pkg) || isOutguard(pkg) || isHooked(pkg):
		return passed, path
	}
	return user, path
}

// mainPath returns the import path of package main. A binary that does not know it has "main".
func mainPath() string {
	mainOnce.Do(func() {
		mainImport = "main"
		if info, ok := debug.ReadBuildInfo(); ok && info.Path != "" {
			mainImport = info.Path
		}
	})
	return mainImport
}

// mainImport is the result of mainPath, which mainOnce computes once.
var (
	mainOnce   sync.Once
	mainImport string
)

// modules returns the paths of the modules that the binary is linked with; nil if it does not hold
// them.
func modules() (paths []string) {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Path == "" {
		return nil
	}
	paths = append(paths, info.Main.Path)
	for _, m := range info.Deps {
		paths = append(paths, m.Path)
	}
	return paths
}

// withoutVendor returns the import path of a package below a vendor folder outside module mode.
func withoutVendor(pkg string) string {
	if i := strings.LastIndex(pkg, "/vendor/"); i >= 0 {
		return pkg[i+len("/vendor/"):]
	}
	return pkg
}

// packageOf returns the import path of "example.com/app/pay.(*Client).Charge.func1".
func packageOf(function string) string {
	// The linker escapes dots in the last element of an import path: gopkg.in/yaml%2ev3.Unmarshal.
	slash := strings.LastIndexByte(function, '/') + 1
	if dot := strings.IndexByte(function[slash:], '.'); dot >= 0 {
		return strings.ReplaceAll(function[:slash+dot], "%2e", ".")
	}
	return function
}

// standard holds the first elements of the import paths of the standard library. A missing dot is
// not enough to recognize them, because a user's module may have a name without one ("checkout").
var standard = map[string]bool{
	"archive": true, "bufio": true, "bytes": true, "cmp": true, "compress": true, "container": true, "context": true,
	"crypto": true, "database": true, "debug": true, "embed": true, "encoding": true, "errors": true, "expvar": true,
	"flag": true, "fmt": true, "go": true, "hash": true, "html": true, "image": true, "index": true, "internal": true,
	"io": true, "iter": true, "log": true, "maps": true, "math": true, "mime": true, "net": true, "os": true, "path": true,
	"plugin": true, "reflect": true, "regexp": true, "runtime": true, "slices": true, "sort": true, "strconv": true,
	"strings": true, "structs": true, "sync": true, "syscall": true, "testing": true, "text": true, "time": true,
	"unicode": true, "unique": true, "unsafe": true, "vendor": true, "weak": true,
}

// isStandard reports whether pkg belongs to the standard library. Package main does not.
func isStandard(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return standard[first]
}

// isSDK reports whether pkg belongs to a module of AWS that a call passes through. Other modules of
// github.com/aws count as callers.
func isSDK(pkg string) bool {
	rest, ok := strings.CutPrefix(pkg, "github.com/aws/")
	if !ok {
		return false
	}
	module, _, _ := strings.Cut(rest, "/")
	switch module {
	case "aws-sdk-go-v2", "aws-sdk-go", "smithy-go", "aws-lambda-go":
		return true
	}
	return false
}

// isOutguard reports whether pkg is one of the packages that a call passes through. Outguard's
// examples, tests and tools count as callers.
func isOutguard(pkg string) bool {
	rest, ok := strings.CutPrefix(pkg, "github.com/outguard/outguard/")
	if !ok {
		return false
	}
	switch rest {
	case "policy", "guard", "httpguard", "netguard", "awsmiddleware", "notify":
		return true
	}
	return strings.HasPrefix(rest, "internal/") && !strings.HasPrefix(rest, "internal/e2e")
}
