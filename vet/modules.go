package vet

import (
	"os"
	"path/filepath"
	"runtime/debug"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/outguard/outguard/internal/modcheck"
)

const (
	rootModule = "github.com/outguard/outguard"
	core       = "github.com/aws/aws-sdk-go-v2"
	// rootCore is the core that Outguard's go.mod requires. A module that requires Outguard gets at
	// least this one.
	rootCore = "v1.24.0"
)

// modules reports AWS clients that do not work with the core beside them, once for each program. An
// analyzer is not given the versions of a build, so this reads the go.mod above the main package.
func (c *checker) modules() {
	// Other packages are built into programs whose go.mod is not known here.
	if c.pass.Pkg.Name() != "main" || len(c.pass.Files) == 0 {
		return
	}
	// One file is enough: all are below the same go.mod.
	for _, f := range c.pass.Files {
		if !c.out.reportable(f.Name) {
			continue
		}
		name := c.pass.Fset.File(f.FileStart).Name()
		// The report is at the package's name, because the fault is in go.mod, which is not
		// analyzed.
		if warning := warning(buildInfo(filepath.Dir(name))); warning != "" {
			c.out.report(finding{kind: kindModules, at: f.Name, text: warning})
		}
		return
	}
}

// warning is modcheck's. A module that does not require Outguard yet is judged as if it did,
// because these clients break when Outguard is added.
func warning(info *debug.BuildInfo) string {
	if info == nil {
		return ""
	}
	var raised *debug.Module
	for _, m := range info.Deps {
		switch {
		// The versions are those that will be built.
		case m.Path == rootModule:
			return modcheck.Warning(info)
		// Requiring Outguard raises the core to rootCore.
		case m.Path == core && m.Replace == nil && semver.Compare(m.Version, rootCore) < 0:
			raised = m
		}
	}
	if raised == nil {
		return modcheck.Warning(info)
	}
	raised.Version = rootCore
	if text := modcheck.Warning(info); text != "" {
		return "once this module requires Outguard, " + text
	}
	return ""
}

// buildInfo returns the modules that the nearest go.mod above a folder requires, or nil. Since Go
// 1.17, go.mod lists all modules that provide a package of the build.
func buildInfo(dir string) *debug.BuildInfo {
	for {
		data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			return required(data)
		}
		// The root of the file system is above itself.
		up := filepath.Dir(dir)
		if up == dir {
			return nil
		}
		dir = up
	}
}

// required reads the requirements and their replacements.
func required(data []byte) *debug.BuildInfo {
	f, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil {
		return nil // the go command reports it
	}
	strict, err := modfile.Parse("go.mod", data, nil)
	if err == nil {
		f = strict // ParseLax leaves replacements out
	}
	info := &debug.BuildInfo{}
	for _, r := range f.Require {
		m := &debug.Module{Path: r.Mod.Path, Version: r.Mod.Version}
		// A replacement may be for one version alone.
		for _, to := range f.Replace {
			if to.Old.Path == r.Mod.Path && (to.Old.Version == "" || to.Old.Version == r.Mod.Version) {
				m.Replace = &debug.Module{Path: to.New.Path, Version: to.New.Version}
			}
		}
		info.Deps = append(info.Deps, m)
	}
	return info
}
