package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// helper is added to each package under test. A mutant is switched on by its number in the
// environment, so that all mutants of all packages are compiled once.
const helper = `package %s

import ("cmp"; "os"; "strconv")

var mutant_ = func() int { n, _ := strconv.Atoi(os.Getenv("` + variable + `")); return n }()

func on_(id int) bool { return id == mutant_ }
func plus_(id, n int) int { if id == mutant_ { return n }; return 0 }
func lt_[T cmp.Ordered](id int, a, b T) bool { if id == mutant_ { return a <= b }; return a < b }
func le_[T cmp.Ordered](id int, a, b T) bool { if id == mutant_ { return a < b }; return a <= b }
func gt_[T cmp.Ordered](id int, a, b T) bool { if id == mutant_ { return a >= b }; return a > b }
func ge_[T cmp.Ordered](id int, a, b T) bool { if id == mutant_ { return a > b }; return a >= b }
func text_[T ~string](id int, v T) T { if id == mutant_ { return v + "\x00" }; return v }
func whole_[T ~int|~int8|~int16|~int32|~int64|~uint|~uint8|~uint16|~uint32|~uint64](id int, v T) T {
	if id == mutant_ { return ^v }
	return v
}
`

var (
	// Each table has what becomes of an operator: a call of the helper, its text in the report, or
	// another operator.
	ordered = map[token.Token]string{token.LSS: "lt_", token.LEQ: "le_", token.GTR: "gt_", token.GEQ: "ge_"}
	edge    = map[token.Token]string{token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">"}
	other   = map[token.Token]string{token.LAND: "||", token.LOR: "&&"}
)

// A mutant is one small fault that the tests should notice.
type mutant struct {
	id                   int
	file, inside, change string // inside is the function or variable that holds the fault
	line                 int
	order                uint32 // what a sample is drawn by
}

// key names a mutant in survivors.txt. It has no line, because lines move.
func (m mutant) key() string { return m.file + " " + m.inside + ": " + m.change }

// A weaver rewrites one file so that each of its mutants can be switched on. No line moves.
type weaver struct {
	fset      *token.FileSet
	info      *types.Info
	pkg       *types.Package
	src       []byte
	inside    string
	before    map[int]string // text to insert at an offset, in front of what begins there
	after     map[int]string // text to insert at an offset, behind what ends there
	replaced  map[int]string // operators that become a comma
	negatable map[ast.Expr]bool
	fixed     map[ast.Expr]bool // must stay constant, or is mutated as a whole
	next      func(mutant) int
}

// weave returns the source of a file with mutants. It calls next with each; next numbers them.
func weave(fset *token.FileSet, info *types.Info, pkg *types.Package, f *ast.File, src []byte, next func(mutant) int) string {
	w := &weaver{
		fset: fset, info: info, pkg: pkg, src: src, next: next,
		before: map[int]string{}, after: map[int]string{}, replaced: map[int]string{},
		negatable: map[ast.Expr]bool{}, fixed: map[ast.Expr]bool{},
	}
	return w.weave(f)
}

// at is the offset of a position in the source.
func (w *weaver) at(p token.Pos) int { return w.fset.Position(p).Offset }

// add registers a mutant.
func (w *weaver) add(n ast.Node, change string) int {
	change = strings.Join(strings.Fields(change), " ")
	return w.next(mutant{inside: w.inside, change: change, line: w.fset.Position(n.Pos()).Line})
}

// text is the source of a node, for the report.
func (w *weaver) text(n ast.Node) string { return string(w.src[w.at(n.Pos()):w.at(n.End())]) }

// wrap puts text around a node: outside of what was put around its parts, which are visited later.
func (w *weaver) wrap(n ast.Node, before, after string) {
	w.before[w.at(n.Pos())] += before
	w.after[w.at(n.End())] = after + w.after[w.at(n.End())]
}

// result returns the source with all insertions. At one offset, what ends comes before what begins.
func (w *weaver) result() string {
	var b strings.Builder
	for i := 0; i <= len(w.src); i++ {
		b.WriteString(w.after[i] + w.before[i])
		if op, ok := w.replaced[i]; ok {
			b.WriteString(",")
			i += len(op) - 1
		} else if i < len(w.src) {
			b.WriteByte(w.src[i])
		}
	}
	return b.String()
}

// weave visits functions, and the values of variables. Constants and types cannot depend on a
// switch.
func (w *weaver) weave(f *ast.File) string {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			w.inside = d.Name.Name
			ast.Inspect(d, w.visit)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok && d.Tok == token.VAR {
					w.inside = v.Names[0].Name
					ast.Inspect(v, w.visit)
				}
			}
		}
	}
	return w.result()
}

// visit adds the mutants of a node. It returns false for parts that must stay as they are.
func (w *weaver) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok != token.CONST
	// The length of an array must be a constant.
	case *ast.ArrayType:
		return false
	// A key may be the name of a field, or an index that must be constant.
	case *ast.KeyValueExpr:
		w.fixed[n.Key] = true
	case *ast.IfStmt:
		w.negatable[n.Cond] = true
	case *ast.ForStmt:
		w.negatable[n.Cond] = true
	case *ast.UnaryExpr:
		w.negatable[n.X] = n.Op == token.NOT
	case *ast.BlockStmt:
		w.statements(n.List)
	case *ast.CaseClause:
		w.statements(n.Body)
	case *ast.SwitchStmt:
		w.cases(n)
	}
	if e, ok := n.(ast.Expr); ok {
		if w.fixed[e] || n == nil {
			return false
		}
		w.expression(e)
	}
	return true
}

// statements lets single statements be left out.
func (w *weaver) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt:
			// Without a panic, a function may have no return at its end, and does not compile.
			if strings.HasPrefix(w.text(s), "panic(") {
				continue
			}
		case *ast.AssignStmt:
			// A variable that is not declared does not compile.
			if s.Tok == token.DEFINE {
				continue
			}
		case *ast.IncDecStmt:
		case *ast.BranchStmt:
			// A fallthrough must be the last statement of its case, and cannot stand in an if.
			if s.Tok != token.CONTINUE && s.Tok != token.BREAK {
				continue
			}
		default:
			continue
		}
		w.wrap(s, fmt.Sprintf("if !on_(%d) { ", w.add(s, "drop "+w.text(s))), " }")
	}
}

// cases lets values of a switch's cases be left out.
func (w *weaver) cases(s *ast.SwitchStmt) {
	for _, clause := range s.Body.List {
		for _, v := range clause.(*ast.CaseClause).List {
			w.negatable[v] = s.Tag == nil
			basic, _ := w.info.TypeOf(v).Underlying().(*types.Basic)
			// A switch without a tag has conditions, which expression negates.
			if s.Tag == nil || w.info.Types[v].Value == nil || basic == nil {
				continue
			}
			w.fixed[v] = true
			// The helper is generic, and the constant takes the type of the tag.
			name := types.TypeString(w.info.TypeOf(v), func(p *types.Package) string {
				if p == w.pkg {
					return ""
				}
				return p.Name()
			})
			switch {
			case basic.Info()&types.IsUntyped != 0:
			case basic.Info()&types.IsString != 0:
				w.wrap(v, fmt.Sprintf("text_[%s](%d, ", name, w.add(v, "drop case "+w.text(v))), ")")
			case basic.Info()&types.IsInteger != 0:
				w.wrap(v, fmt.Sprintf("whole_[%s](%d, ", name, w.add(v, "drop case "+w.text(v))), ")")
			}
		}
	}
}

// expression adds the mutants of an expression: another number, or the opposite of a condition.
func (w *weaver) expression(e ast.Expr) {
	t := w.info.Types[e]
	basic, _ := t.Type.(*types.Basic)
	if basic == nil {
		return
	}
	plainBool := basic.Info()&types.IsBoolean != 0
	switch e := e.(type) {
	case *ast.BasicLit:
		// Constants without a type may be lengths or shifts, where a variable would not compile.
		if e.Kind != token.INT || basic.Info()&types.IsUntyped != 0 || basic.Info()&types.IsInteger == 0 {
			return
		}
		deltas := []int{1, -1}
		// 0 and unsigned types get +1 alone: a value below zero may not compile.
		if e.Value == "0" || basic.Info()&types.IsUnsigned != 0 {
			deltas = deltas[:1]
		}
		for _, d := range deltas {
			w.wrap(e, "(", fmt.Sprintf(" + %s(plus_(%d, %d)))", basic.Name(), w.add(e, fmt.Sprintf("%s → %s%+d", e.Value, e.Value, d)), d))
		}
	case *ast.Ident:
		if w.negatable[e] || t.Value != nil && plainBool && slices.Contains([]string{"true", "false"}, e.Name) {
			w.negate(e, plainBool)
		}
	case *ast.BinaryExpr:
		switch x := w.info.TypeOf(e.X); {
		case t.Value != nil: // constant
		case other[e.Op] != "" && plainBool:
			w.negatable[e.X], w.negatable[e.Y] = true, true
			on := fmt.Sprintf(" != on_(%d)", w.add(e, w.text(e)+" → "+other[e.Op]))
			// By De Morgan: with the mutant on, all three are inverted.
			w.wrap(e, "((", ")"+on+")")
			w.wrap(e.X, "((", ")"+on+")")
			w.wrap(e.Y, "((", ")"+on+")")
		case e.Op == token.EQL || e.Op == token.NEQ:
			w.negate(e, plainBool)
		case ordered[e.Op] != "" && x != nil:
			w.negate(e, plainBool)
			w.replaced[w.at(e.OpPos)] = e.Op.String()
			w.wrap(e, fmt.Sprintf("%s(%d, ", ordered[e.Op], w.add(e, w.text(e)+" → "+edge[e.Op])), ")")
		}
	case *ast.CallExpr, *ast.SelectorExpr, *ast.IndexExpr:
		if w.negatable[e] {
			w.negate(e, plainBool)
		}
	}
}

// negate inverts a condition when its mutant is on. Only plain booleans are inverted, because the
// result of != is one.
func (w *weaver) negate(e ast.Expr, plainBool bool) {
	if plainBool {
		w.wrap(e, "((", fmt.Sprintf(") != on_(%d))", w.add(e, "negate "+w.text(e))))
	}
}
