package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// readV2 reads the source of a client of the SDK's version 2: the types of its inputs, and the
// endpoints that its tests expect.
func readV2(dir string) (*model, error) {
	// The models of this version are not in its modules, so that the Go code is read in their
	// place.
	g := goTypes{specs: map[string]ast.Expr{}, made: map[string]*shape{}}
	m := &model{inputs: map[string]*shape{}}
	// Inputs are in the package itself, and most of their members in types.
	for _, folder := range []string{dir, filepath.Join(dir, "types")} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			if err := g.read(file, m); err != nil {
				return nil, err
			}
			// Each operation has a file of its own. Its input is looked up when all types are
			// known.
			if name, ok := strings.CutPrefix(filepath.Base(file), "api_op_"); ok {
				m.inputs[strings.TrimSuffix(name, ".go")] = nil
			}
		}
	}
	// A module of another kind in sources.txt is a mistake there.
	if m.id == "" || len(m.inputs) == 0 {
		return nil, fmt.Errorf("%s is not a client of the SDK", dir)
	}
	for name := range m.inputs {
		if m.inputs[name] = g.named(name + "Input"); m.inputs[name] == nil {
			return nil, fmt.Errorf("%s: %s has no input", dir, name)
		}
	}
	hosts, err := readV2Hosts(filepath.Join(dir, "endpoints_test.go"))
	m.hosts = hosts
	return m, err
}

// goTypes has the types that the files of a client declare.
type goTypes struct {
	// specs are the declarations by name; made are the shapes that were made of them.
	specs map[string]ast.Expr
	made  map[string]*shape
}

// signingName finds the name that requests are signed for, where the service sets one.
var signingName = regexp.MustCompile(`SetSigV4SigningName\(&props, "([^"]+)"\)`)

// read adds the types that a file declares, and what it shows of the service.
func (g *goTypes) read(file string, m *model) error {
	source, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if found := signingName.FindSubmatch(source); found != nil && m.signed == "" {
		m.signed = string(found[1])
	}
	// Identifiers need no resolution: only names are looked at.
	f, err := parser.ParseFile(token.NewFileSet(), file, source, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, d := range f.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				g.specs[spec.Name.Name] = spec.Type
			case *ast.ValueSpec:
				// The constant has the id as IAM's documents and the models of version 1 have it.
				if len(spec.Values) == 1 && spec.Names[0].Name == "ServiceID" {
					if id, ok := spec.Values[0].(*ast.BasicLit); ok {
						m.id, _ = strconv.Unquote(id.Value)
					}
				}
			}
		}
	}
	return nil
}

// named returns the shape of a declared type; nil if no type has that name.
func (g *goTypes) named(name string) *shape {
	if s, ok := g.made[name]; ok {
		return s
	}
	spec, ok := g.specs[name]
	if !ok {
		return nil
	}
	s := &shape{}
	g.made[name] = s // it may have itself as a member
	// A union is an interface, and each member of it is a type NameMemberX with a Value.
	if _, union := spec.(*ast.InterfaceType); union {
		s.kind, s.fields = structure, map[string]*shape{}
		for member := range g.specs {
			if field, ok := strings.CutPrefix(member, name+"Member"); ok && field != "" {
				if value := g.named(member).at("Value"); value != nil {
					s.fields[field] = value
				}
			}
		}
		return s
	}
	// The shape is filled in place, because others may refer to it already.
	*s = *g.shape(spec)
	return s
}

// shape returns the shape of a type.
func (g *goTypes) shape(e ast.Expr) *shape {
	switch e := e.(type) {
	// Optional members are pointers.
	case *ast.StarExpr:
		return g.shape(e.X)
	// Other packages, such as time, have no shapes here.
	case *ast.SelectorExpr: // types.X, time.Time
		if s := g.named(e.Sel.Name); s != nil && isTypes(e.X) {
			return s
		}
	case *ast.Ident:
		switch e.Name {
		case "string":
			return &shape{kind: text}
		case "int32", "int64":
			return &shape{kind: number}
		}
		if s := g.named(e.Name); s != nil {
			return s
		}
	case *ast.ArrayType:
		// Bytes are a blob, in which no resource is named.
		if id, ok := e.Elt.(*ast.Ident); !ok || id.Name != "byte" {
			return &shape{kind: list, of: g.shape(e.Elt)}
		}
	case *ast.MapType:
		return &shape{kind: mapping, of: g.shape(e.Value)}
	case *ast.StructType:
		s := &shape{kind: structure, fields: map[string]*shape{}}
		for _, f := range e.Fields.List {
			for _, name := range f.Names {
				// The SDK adds a field of its own to each struct, which is not in the input.
				if name.IsExported() {
					s.fields[name.Name] = g.shape(f.Type)
				}
			}
		}
		return s
	}
	// All else is other: nothing there can name a resource.
	return &shape{}
}

// isTypes reports whether an expression is the package types of the client.
func isTypes(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "types"
}

var (
	// testedURL finds the host that a test expects.
	testedURL = regexp.MustCompile(`url\.Parse\("https?://([^"/]+)"\)`)
	// givenURL shows that the test gives the endpoint itself, which may be any.
	givenURL = regexp.MustCompile(`Endpoint: +ptr\.String\("`)
)

// readV2Hosts reads the endpoints that a client's own tests expect, but for those that the user
// gives.
func readV2Hosts(file string) (hosts []string, err error) {
	data, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil, nil
	}
	// The file is generated, and has one function for each test.
	for test := range strings.SplitSeq(string(data), "\nfunc ") {
		if !givenURL.MatchString(test) {
			for _, found := range testedURL.FindAllStringSubmatch(test, -1) {
				hosts = append(hosts, found[1])
			}
		}
	}
	return hosts, err
}
