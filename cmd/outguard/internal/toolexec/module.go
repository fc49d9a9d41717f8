package toolexec

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// describe names a package and the version of its module, for messages. files are some of its Go
// files, from which the version is found.
func (t *target) describe(files []string) string {
	// Files of the standard library have no module in their paths.
	for _, file := range files {
		if version := versionOf(t.pkg, absolute(file)); version != "" {
			return t.pkg + " of " + version
		}
	}
	// Import paths of the standard library have no dot in their first element.
	if !strings.Contains(strings.SplitN(t.pkg, "/", 2)[0], ".") {
		return t.pkg + " of " + goVersion()
	}
	if len(files) > 0 {
		return t.pkg + " in " + filepath.Dir(absolute(files[0]))
	}
	return t.pkg
}

// goVersion is the version of the toolchain that runs. The go command passes it to its tools in
// this variable.
func goVersion() string {
	if v := os.Getenv("GOVERSION"); v != "" {
		return v
	}
	return runtime.Version()
}

// /root/go/pkg/mod/golang.org/x/net@v0.50.0/http2/transport.go
var inModuleCache = regexp.MustCompile(`@(v[0-9][^/]*)/`)

// versionOf returns module and version of a file of pkg in the module cache or in a vendor folder,
// or "".
func versionOf(pkg, file string) string {
	file = filepath.ToSlash(file)
	if m := inModuleCache.FindStringSubmatchIndex(file); m != nil {
		// The path before @ begins with the folder of the cache. Cutting it element by element
		// finds the module, whose path begins the package's.
		module := file[:m[0]]
		for at := strings.Index(module, "/"); at >= 0; at = strings.Index(module, "/") {
			module = module[at+1:]
			if pkg == module || strings.HasPrefix(pkg, module+"/") {
				return module + " " + file[m[2]:m[3]]
			}
		}
		// Nothing fits, for example upper case, which the cache escapes: the version alone is
		// returned.
		return file[m[2]:m[3]]
	}
	// A vendor folder has no versions in its paths.
	if root, _, ok := strings.Cut(file, "/vendor/"+pkg+"/"); ok {
		return vendored(filepath.Join(root, "vendor", "modules.txt"), pkg)
	}
	return ""
}

// vendored finds the module of pkg in vendor/modules.txt, where "# module version" stands above the
// module's packages.
func vendored(list, pkg string) string {
	f, err := os.Open(list)
	if err != nil {
		return ""
	}
	defer f.Close()
	module := ""
	for s := bufio.NewScanner(f); s.Scan(); {
		line := s.Text()
		// "## explicit" lines begin with two marks, and are not modules.
		if m, ok := strings.CutPrefix(line, "# "); ok {
			module = m
		} else if line == pkg {
			return module
		}
	}
	return ""
}
