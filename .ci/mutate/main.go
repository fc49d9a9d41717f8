// Command mutate measures whether the tests notice small faults in the packages that judge. It
// negates conditions, moves bounds and constants by one, swaps && and ||, and drops cases and
// statements, one at a time:
//
//	go run -C .ci/mutate . [-pkg internal/canon,policy] [-files decide] [-sample 150] [-seed 2] \
//	    [-min 85]
//
// It compiles all mutants at once through -overlay, so the tree is never changed. Then it runs the
// tests once for each mutant: those of its own package, then those of the packages above. A mutant
// is killed if a test fails, panics or runs out of time. Survivors are printed. survivors.txt
// lists the accepted ones, each with its reason. The exit status is 1 if a package is below the
// minimum.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"hash/fnv"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

const (
	// root is the module's folder, from this one.
	root   = "../.."
	module = "github.com/outguard/outguard/"
	// variable is where the tests read the number of the mutant that is on.
	variable = "OUTGUARD_MUTANT"
	// timed matches the tests that measure time, which mutants make slower by themselves.
	timed = "^Test.*(Time|Linear)"
)

// judges are the packages to mutate. Their own tests can notice a mutant, and those of the packages
// listed beside each.
var judges = []struct{ pkg, above string }{
	{"internal/canon", "policy httpguard"},
	{"internal/ruleindex", "policy"},
	{"internal/pattern", "policy"},
	{"internal/httprules", "policy"},
	{"internal/awsrules", "policy awsmiddleware"},
	{"internal/awscall", "policy httpguard"},
	{"internal/awsname", "policy notify"},
	{"internal/judged", "httpguard awsmiddleware netguard"},
	{"policy", ""},
}

func main() {
	log.SetFlags(0)
	// A run over all packages is long. These flags narrow it down.
	only := flag.String("pkg", "", "packages to mutate, with commas between them (default all)")
	files := flag.String("files", "", "mutate only the files whose name contains this")
	sample := flag.Int("sample", 0, "how many mutants of each package to try, the same ones for a seed (default all)")
	seed := flag.String("seed", "", "any text; another one draws another sample")
	least := flag.Float64("min", 85, "percentage that must be killed, in each package")
	workers := flag.Int("j", 2, "how many mutants to try at once")
	flag.Parse()

	// Everything is written here, and nothing into the tree.
	tmp, err := os.MkdirTemp("", "mutate")
	check(err)
	defer os.RemoveAll(tmp)
	overlay, mutants := map[string]string{}, map[string][]mutant{}
	// Numbers go on from package to package, because one overlay has the mutants of all.
	last := 0
	for _, j := range judges {
		if *only == "" || slices.Contains(strings.Split(*only, ","), j.pkg) {
			mutants[j.pkg] = weavePackage(tmp, j.pkg, *files, *seed, overlay, &last)
		}
	}
	data, err := json.Marshal(map[string]any{"Replace": overlay})
	check(err)
	check(os.WriteFile(filepath.Join(tmp, "overlay.json"), data, 0o600))

	suites, accepted, failed := map[string]*suite{}, survivors(), false
	for _, j := range judges {
		list := mutants[j.pkg]
		all := len(list)
		if *sample > 0 && *sample < all {
			// The order is by a hash, so that a sample is spread over the files and the same each
			// time the seed is.
			slices.SortFunc(list, func(a, b mutant) int { return int(a.order) - int(b.order) })
			list = list[:*sample]
			slices.SortFunc(list, func(a, b mutant) int { return a.id - b.id })
		}
		if len(list) == 0 {
			continue
		}
		// Tests of other packages are compiled once, when the first package needs them.
		var able []*suite
		for _, p := range strings.Fields(j.pkg + " " + j.above) {
			if suites[p] == nil {
				suites[p] = build(tmp, p)
			}
			able = append(able, suites[p])
		}
		killed, excused := judge(list, able, accepted, *workers)
		for _, t := range able { // what changed meanwhile, such as golden files, would kill every mutant
			t.mustPass()
		}
		// Accepted survivors change nothing that a test could see, and so are left out of the
		// share.
		share := 100 * float64(killed) / float64(max(1, len(list)-excused))
		fmt.Printf("%-20s %d of %d mutants tried, %d killed, %d accepted survivors: %.1f %%\n\n", j.pkg, len(list), all, killed, excused, share)
		failed = failed || share < *least
	}
	if failed {
		// Fatalf does not run what was deferred.
		os.RemoveAll(tmp)
		log.Fatalf("mutate: tests must kill %v %% of the mutants of each package", *least)
	}
}

// weavePackage writes the package's files with all mutants in them, to be used in place of its own.
func weavePackage(tmp, pkg, files, seed string, overlay map[string]string, last *int) (found []mutant) {
	var p struct {
		Dir, Name string
		GoFiles   []string
	}
	// Types are needed to know what an expression may become. Dependencies are read as the compiler
	// exports them, which is fast.
	exports, fset, parsed := map[string]string{}, token.NewFileSet(), []*ast.File{}
	for d := json.NewDecoder(strings.NewReader(command("go", "list", "-deps", "-export", "-json=ImportPath,Export", "./"+pkg))); ; {
		var dep struct{ ImportPath, Export string }
		if err := d.Decode(&dep); errors.Is(err, io.EOF) {
			break
		} else {
			check(err)
		}
		exports[dep.ImportPath] = dep.Export
	}
	check(json.Unmarshal([]byte(command("go", "list", "-json=Dir,Name,GoFiles", "./"+pkg)), &p))
	// GoFiles has no tests and no files of other systems.
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
		check(err)
		parsed = append(parsed, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })}
	typed, err := config.Check(module+pkg, fset, parsed, info)
	check(err)
	// One overlay serves all packages, so that the names of files need the package in them.
	write := func(name, text string) {
		woven := filepath.Join(tmp, strings.ReplaceAll(pkg, "/", "_")+"_"+name)
		check(os.WriteFile(woven, []byte(text), 0o600))
		overlay[filepath.Join(p.Dir, name)] = woven
	}
	write("zz_mutants.go", fmt.Sprintf(helper, p.Name))
	// Equal changes in one function are numbered, so that each has an order of its own.
	seen := map[string]int{}
	for i, f := range parsed {
		if !strings.Contains(p.GoFiles[i], files) || ast.IsGenerated(f) {
			continue
		}
		src, err := os.ReadFile(filepath.Join(p.Dir, p.GoFiles[i]))
		check(err)
		write(p.GoFiles[i], weave(fset, info, typed, f, src, func(m mutant) int {
			*last++
			m.id, m.file = *last, pkg+"/"+p.GoFiles[i]
			h := fnv.New32a()
			fmt.Fprint(h, seed, m.key(), seen[m.key()])
			// Half of the range, so that a difference fits an int of any size.
			m.order = h.Sum32() >> 1
			seen[m.key()]++
			found = append(found, m)
			return m.id
		}))
	}
	return found
}

// judge runs the tests for each mutant, several at once. killed and excused are how many were
// noticed, and how many survived with a reason.
func judge(list []mutant, suites []*suite, accepted map[string]bool, workers int) (killed, excused int) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	work := make(chan mutant)
	for range workers {
		wg.Go(func() {
			for m := range work {
				// The suites run in order, and the first one that fails ends the work on the
				// mutant.
				survives := !slices.ContainsFunc(suites, func(s *suite) bool { _, ok := s.pass(m.id); return !ok })
				mu.Lock()
				switch {
				case !survives:
					killed++
				case accepted[m.key()]:
					excused++
				default:
					fmt.Printf("survives: %s:%d: in %s: %s\n", m.file, m.line, m.inside, m.change)
				}
				mu.Unlock()
			}
		})
	}
	for _, m := range list {
		work <- m
	}
	close(work)
	wg.Wait()
	return killed, excused
}

// survivors reads the accepted ones: a line "file function: change" and an indented line of reason.
func survivors() map[string]bool {
	data, err := os.ReadFile("survivors.txt")
	check(err)
	// Keys have no line numbers, because those change with every edit.
	keys, lines := map[string]bool{}, strings.Split(string(data), "\n")
	for i, line := range lines {
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "\t") {
			continue
		}
		if i+1 == len(lines) || strings.TrimSpace(lines[i+1]) == "" || lines[i+1][0] != '\t' {
			log.Fatalf("mutate: survivors.txt:%d: a reason must follow, on a line that begins with a tab", i+1)
		}
		keys[line] = true
	}
	return keys
}

// command runs a command in the module's folder, and returns what it prints.
func command(name string, args ...string) string {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stderr = root, os.Stderr
	out, err := cmd.Output()
	check(err)
	return string(out)
}

// check ends the program: nothing here can go on after an error.
func check(err error) {
	if err != nil {
		log.Fatal("mutate: ", err)
	}
}
