package toolexec

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// addedName is the file that is added to a package. Its name sorts after the names of common files.
const addedName = "zz_outguard.go"

// patch writes the changed files of package t into dir, which the go command made for its results,
// and returns the compiler's arguments with these files in place of the originals. An error means
// that the package is not what this version of Outguard knows; it is never built unguarded then.
func (t *target) patch(args []string, dir string) ([]string, error) {
	p := &patcher{target: t, found: make([]bool, len(t.points)), declared: map[string]string{}}
	// The arguments belong to the caller.
	args = slices.Clone(args)
	first := firstFile(args)
	files := slices.Clone(args[first:])
	for i := first; i < len(args); i++ {
		// Every file is looked at: a chokepoint may be in any, and only with build tags of this
		// system.
		if err := p.file(args, i, dir); err != nil {
			return nil, err
		}
	}
	// A missing point ends the build, so that no half-changed package is compiled.
	if err := p.check(files); err != nil {
		return nil, err
	}
	text, err := addedFiles.ReadFile("added/" + t.added)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, addedName)
	if err := os.WriteFile(path, text, 0o666); err != nil {
		return nil, err
	}
	return append(args, path), nil
}

// firstFile returns the index of the first Go file: the compiler takes all files after its flags.
func firstFile(args []string) int {
	i := len(args)
	for i > 0 && strings.HasSuffix(args[i-1], ".go") && !strings.HasPrefix(args[i-1], "-") {
		i--
	}
	return i
}

// A patcher collects what is found in the files of one package.
type patcher struct {
	target   *target
	found    []bool            // by point
	declared map[string]string // names at the top level of the package → the value, of a constant that has one
}

// An insertion is text at an offset in a file.
type insertion struct {
	offset int
	text   string
}

// file looks for chokepoints in the file args[i] and replaces the argument if it has some.
func (p *patcher) file(args []string, i int, dir string) error {
	src, err := os.ReadFile(args[i])
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, args[i], src, parser.SkipObjectResolution)
	if err != nil {
		// The error is in the package's own code, and the compiler's message is better.
		return nil // the compiler reports it
	}
	var all []insertion
	for _, d := range f.Decls {
		// Names that the added file uses must exist: what is found in any file counts.
		p.declare(d)
		// Functions in assembly have no body to insert into.
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		signature := signature(fn)
		for k := range p.target.points {
			point := &p.target.points[k]
			// The signature is a part of what is checked: with other parameters, the inserted text
			// could compile and mean something else.
			if point.signature != signature {
				continue
			}
			text, err := expand(point.insert, fn)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", p.target.describe(args[i:i+1]), signature, err)
			}
			p.found[k] = true
			// Comments /*line*/ keep positions in errors, stack traces and coverage as they are
			// without Outguard.
			brace := set.Position(fn.Body.Lbrace) // as //line has it, so that positions stay as they are
			all = append(all, insertion{set.PositionFor(fn.Body.Lbrace, false).Offset + 1,
				fmt.Sprintf(" %s;/*line %s:%d:%d*/", text, absolute(brace.Filename), brace.Line, brace.Column+1)})
		}
	}
	if len(all) == 0 {
		// A file without a chokepoint is compiled as it is.
		return nil
	}
	var b bytes.Buffer
	// The compiler would otherwise report the file in the temporary folder.
	fmt.Fprintf(&b, "//line %s:1\n", absolute(args[i]))
	at := 0
	for _, ins := range all { // in the order of the file
		b.Write(src[at:ins.offset])
		b.WriteString(ins.text)
		at = ins.offset
	}
	b.Write(src[at:])
	// The index keeps names apart: files of a package may come from several folders.
	args[i] = filepath.Join(dir, fmt.Sprintf("outguard_%d_%s", i, filepath.Base(args[i])))
	return os.WriteFile(args[i], b.Bytes(), 0o666)
}

// declare remembers what d declares at the top level.
func (p *patcher) declare(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		// Methods are found by their receiver's type, and added files do not call them by name
		// alone.
		if d.Recv == nil {
			p.declared[d.Name.Name] = ""
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				p.declared[s.Name.Name] = ""
			case *ast.ValueSpec:
				for i, name := range s.Names {
					p.declared[name.Name] = ""
					if i < len(s.Values) {
						// Only Protocol's value is needed: a literal.
						if v, ok := s.Values[i].(*ast.BasicLit); ok {
							p.declared[name.Name] = v.Value
						}
					}
				}
			}
		}
	}
}

// check reports what the package lacks. files are its Go files.
func (p *patcher) check(files []string) error {
	// The hooks' package and this command are released together, but a module may require another
	// version.
	if p.target.pkg == hooksPackage && p.declared["Protocol"] != protocol {
		return fmt.Errorf("%s and this outguard command are of versions that do not fit; use the command of the same version: go tool outguard go",
			p.target.describe(files))
	}
	// A missing point means that calls would pass unguarded. The build fails instead.
	for k, ok := range p.found {
		if point := &p.target.points[k]; !ok && point.mayLack == "" {
			return p.missing(files, point.signature)
		}
	}
	for _, name := range p.target.needs {
		if _, ok := p.declared[name]; !ok {
			return p.missing(files, name)
		}
	}
	return nil
}

// protocol is the value of hooks.Protocol that the added files are written for.
const protocol = "3"

// missing is the error for a package of a version that is not known.
func (p *patcher) missing(files []string, what string) error {
	return fmt.Errorf("%s has no %s, so its calls cannot be guarded; use a version of Outguard that knows this version, or build without outguard",
		p.target.describe(files), what)
}

// signature returns fn's signature as function.signature has it.
// The names are left out, because they often change between versions.
func signature(fn *ast.FuncDecl) string {
	var b strings.Builder
	b.WriteString("func ")
	if fn.Recv != nil {
		b.WriteString("(" + typeList(fn.Recv) + ") ")
	}
	b.WriteString(fn.Name.Name + "(" + typeList(fn.Type.Params) + ")")
	// One result may have no parentheses.
	if results := typeList(fn.Type.Results); fn.Type.Results.NumFields() > 1 {
		b.WriteString(" (" + results + ")")
	} else if results != "" {
		b.WriteString(" " + results)
	}
	return b.String()
}

// typeList returns the types in a list, one for each name.
func typeList(list *ast.FieldList) string {
	var all []string
	if list != nil {
		for _, f := range list.List {
			var b strings.Builder
			// A type that cannot be printed fits no signature of the table.
			if printer.Fprint(&b, token.NewFileSet(), f.Type) != nil {
				return "?"
			}
			text := b.String()
			// Go's own code has both spellings, depending on its version.
			if text == "any" {
				text = "interface{}"
			}
			// "a, b int" are two parameters.
			for range max(1, len(f.Names)) {
				all = append(all, text)
			}
		}
	}
	return strings.Join(all, ", ")
}

// expand puts fn's own names into the text to insert.
func expand(text string, fn *ast.FuncDecl) (string, error) {
	// names[0] is the receiver; the parameters follow from 1.
	names := []string{""}
	if fn.Recv != nil && len(fn.Recv.List) == 1 && len(fn.Recv.List[0].Names) == 1 {
		names[0] = fn.Recv.List[0].Names[0].Name
	}
	for _, f := range fn.Type.Params.List {
		for _, name := range f.Names {
			names = append(names, name.Name)
		}
	}
	// $ and one digit: no chokepoint has more parameters.
	for i := len(names); i < 10; i++ {
		names = append(names, "")
	}
	for i, name := range names[:10] {
		place := "$" + strconv.Itoa(i)
		if !strings.Contains(text, place) {
			continue
		}
		// Without a name, the inserted call cannot refer to it.
		if name == "" || name == "_" {
			return "", fmt.Errorf("parameter %d has no name", i)
		}
		text = strings.ReplaceAll(text, place, name)
	}
	return text, nil
}

// absolute returns the path itself if the working directory is unknown.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
