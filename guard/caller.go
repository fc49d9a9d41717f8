package guard

import (
	"path"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// places remembers what caller has learned of a place in the program: program counter → string, "" for a frame to skip. It is
// no state but a memo, and there are only so many places.
var places sync.Map

// caller returns who made the call that is being judged, as "package.Func file.go:12": the first frame outside the standard
// library, the AWS SDK and Outguard. A goroutine that the SDK started has none: then it is the outermost frame that is not the
// standard library's, and "" if there is none either. It works in stripped binaries, whose function table stays.
func caller() string {
	// To unwind a frame takes 40 ns, of a big function like reflect.Value.call, which calls the handler, a microsecond: look at as many
	// as there are of ours and one more, then at more.
	var buf [64]uintptr
	skip := 2
	for _, size := range [...]int{4, 16, 64, 64, 64, 64} {
		n := runtime.Callers(skip, buf[:size])
		if place := firstOutside(buf[:n]); place != "" {
			return place
		}
		if n < size {
			break
		}
		skip += n
	}
	return outermost()
}

// firstOutside returns the first of the places that is not to be skipped, or "".
func firstOutside(pcs []uintptr) string {
	for _, pc := range pcs {
		place, ok := places.Load(pc)
		if !ok {
			place = describe(pc)
			places.Store(pc, place)
		}
		if place := place.(string); place != "" {
			return place
		}
	}
	return ""
}

// describe returns "" for a frame to skip. Each program counter that runtime.Callers gives is one frame, also of an inlined
// function.
func describe(pc uintptr) string {
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	pkg := packageOf(frame.Function)
	if isStandard(pkg) || isSDK(pkg) || isOutguard(pkg) {
		return ""
	}
	return format(frame)
}

// outermost is for stacks without a frame of the user's: the last one that is neither the standard library's nor ours.
func outermost() (place string) {
	var buf [256]uintptr
	frames := runtime.CallersFrames(buf[:runtime.Callers(3, buf[:])])
	for {
		frame, more := frames.Next()
		if pkg := packageOf(frame.Function); pkg != "" && !isStandard(pkg) && !isOutguard(pkg) {
			place = format(frame)
		}
		if !more {
			return place
		}
	}
}

func format(f runtime.Frame) string {
	return f.Function + " " + path.Base(f.File) + ":" + strconv.Itoa(f.Line)
}

// packageOf returns the import path of "example.com/app/pay.(*Client).Charge.func1".
func packageOf(function string) string {
	slash := strings.LastIndexByte(function, '/') + 1
	if dot := strings.IndexByte(function[slash:], '.'); dot >= 0 {
		return strings.ReplaceAll(function[:slash+dot], "%2e", ".")
	}
	return function
}

// standard are the first elements of the standard library's import paths. A user's module may be called without a dot as
// well ("checkout"), so a missing dot proves nothing.
var standard = map[string]bool{
	"archive": true, "bufio": true, "bytes": true, "cmp": true, "compress": true, "container": true, "context": true,
	"crypto": true, "database": true, "debug": true, "embed": true, "encoding": true, "errors": true, "expvar": true,
	"flag": true, "fmt": true, "go": true, "hash": true, "html": true, "image": true, "index": true, "internal": true,
	"io": true, "iter": true, "log": true, "maps": true, "math": true, "mime": true, "net": true, "os": true, "path": true,
	"plugin": true, "reflect": true, "regexp": true, "runtime": true, "slices": true, "sort": true, "strconv": true,
	"strings": true, "structs": true, "sync": true, "syscall": true, "testing": true, "text": true, "time": true,
	"unicode": true, "unique": true, "unsafe": true, "vendor": true, "weak": true,
}

func isStandard(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return standard[first]
}

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

// isOutguard reports the packages that a call passes through; our examples, tests and tools are callers like others.
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
