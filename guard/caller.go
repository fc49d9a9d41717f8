package guard

import (
	"path"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// places memoizes describe: program counter → string, "" for a frame to skip. Its size is bounded
// by the number of call sites in the program.
var places sync.Map

// caller returns the code that made the call being judged, as "package.Func file.go:12". That is
// the first frame outside the standard library, the AWS SDK and Outguard. A goroutine that the SDK
// started has no such frame; then it is the outermost frame outside the standard library and
// Outguard, or "". Stripped binaries keep their function table, so caller works there too.
func caller() string {
	// Unwinding a frame takes 40 ns, and a microsecond for a big function such as
	// reflect.Value.call, which calls the handler. So first look at few frames, then at more.
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

// firstOutside returns the description of the first frame that is not skipped, or "".
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

// describe returns the description of a frame, "" for one to skip. Each program counter from
// runtime.Callers is one frame, also that of an inlined function.
func describe(pc uintptr) string {
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	pkg := packageOf(frame.Function)
	if isStandard(pkg) || isSDK(pkg) || isOutguard(pkg) || isHooked(pkg) {
		return ""
	}
	return format(frame)
}

// outermost returns the outermost frame outside the standard library and Outguard, or "". It is for
// stacks without a frame of the user's code.
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
