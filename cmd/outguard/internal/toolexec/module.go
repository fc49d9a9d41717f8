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
	for _, file := range files {
		if version := versionOf(t.pkg, absolute(file)); version != "" {
			return t.pkg + " of " + version
		}
	}
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

var inModuleCache = regexp.MustCompile(`@(v[0-9][^/]*)/`)

// versionOf returns module and version of a file of pkg in the module cache or in a vendor folder,
// or "".
func versionOf(pkg, file string) string {
	file = filepath.ToSlash(file)
	if m := inModuleCache.FindStringSubmatchIndex(file); m != nil {
		module := file[:m[0]]
		for at := strings.Index(module, "/"); at >= 0; at = strings.Index(module, "/") {
			module = module[at+1:]
			if pkg == module || strings.HasPrefix(pkg, module+"/") {
				return module + " " + file[m[2]:m[3]]
			}
		}
		return file[m[2]:m[3]]
	}
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
		if m, ok := strings.CutPrefix(line, "# "); ok {
			module = m
		} else if line == pkg {
			return module
		}
	}
	return ""
}
