package tidy

import (
	"go/ast"
	"go/token"
	"strings"
)

// names holds a file to its doc comments, to no init, and to no package
// variables but tables and errors.
func (c *checker) names(f *file) {
	for _, d := range f.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			c.function(f, d)
		case *ast.GenDecl:
			c.general(f, d)
		}
	}
}

func (c *checker) function(f *file, fn *ast.FuncDecl) {
	if fn.Recv == nil && fn.Name.Name == "init" {
		c.fail(fn.Pos(), "no init: wire it where the program starts")
	}
	if !fn.Name.IsExported() || fn.Doc != nil || f.syntax.Name.Name == "main" {
		return
	}
	if fn.Recv != nil && !ast.IsExported(receiver(fn)) {
		return
	}
	c.fail(fn.Pos(), "%s is exported and has no doc comment", fn.Name.Name)
}

func receiver(fn *ast.FuncDecl) string {
	t := fn.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

func (c *checker) general(f *file, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
				c.fail(s.Pos(), "%s is exported and has no doc comment", s.Name.Name)
			}
		case *ast.ValueSpec:
			c.value(d, s)
		}
	}
}

func (c *checker) value(d *ast.GenDecl, s *ast.ValueSpec) {
	for _, name := range s.Names {
		if name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
			c.fail(name.Pos(), "%s is exported and has no doc comment", name.Name)
		}
	}
	if d.Tok == token.VAR && !table(s) && !embedded(d.Doc) && !embedded(s.Doc) {
		c.fail(s.Pos(), "%s is a package variable that is neither a table nor an error: pass it in", s.Names[0].Name)
	}
}

// table tells whether a package variable is a table (a composite literal, a
// compiled pattern, an embedded file), an error, or an interface check.
func table(s *ast.ValueSpec) bool {
	if s.Names[0].Name == "_" {
		return true
	}
	for _, v := range s.Values {
		switch x := v.(type) {
		case *ast.CompositeLit:
		case *ast.UnaryExpr:
			if _, ok := x.X.(*ast.CompositeLit); !ok {
				return false
			}
		case *ast.CallExpr:
			if !maker(x) {
				return false
			}
		default:
			return false
		}
	}
	return len(s.Values) > 0
}

// maker tells whether a call makes an error or a table.
func maker(call *ast.CallExpr) bool {
	switch fun := call.Fun.(type) {
	case *ast.SelectorExpr:
		pkg, _ := fun.X.(*ast.Ident)
		return pkg != nil && (pkg.Name == "errors" || pkg.Name == "regexp" || pkg.Name == "fmt" && fun.Sel.Name == "Errorf" ||
			pkg.Name == "crc32" || pkg.Name == "strings" && fun.Sel.Name == "NewReplacer" || pkg.Name == "redis" && fun.Sel.Name == "NewScript")
	case *ast.FuncLit:
		return true // a table built by a function literal on the spot
	case *ast.Ident:
		return strings.HasPrefix(fun.Name, "build") || strings.HasPrefix(fun.Name, "table") || strings.HasPrefix(fun.Name, "invert")
	}
	return false
}

func embedded(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	for _, c := range doc.List {
		if strings.HasPrefix(c.Text, "//go:embed") {
			return true
		}
	}
	return false
}
