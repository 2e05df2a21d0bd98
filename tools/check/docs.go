package main

import (
	"go/ast"
	"go/doc"
	"go/token"
	"path"
	"slices"
	"strings"
)

// api are the files that make up the interface of a package that others import; nil for commands.
func api(files []*file) []*file {
	var own []*file
	for _, f := range files {
		if !f.test && !ignored(f) {
			own = append(own, f)
		}
	}
	if len(own) > 0 && own[0].ast.Name.Name == "main" {
		return nil
	}
	return own
}

func (t *tree) checkDocs() []finding {
	var found []finding
	for _, files := range t.folders() {
		found = append(found, t.packageDoc(files)...)
		if internal(files[0].dir) {
			continue
		}
		for _, f := range api(files) {
			for _, d := range f.ast.Decls {
				found = append(found, t.declDoc(d)...)
			}
		}
	}
	return found
}

func internal(dir string) bool { return slices.Contains(strings.Split(dir, "/"), "internal") }

// packageDoc wants a package comment, for public packages in doc.go and nowhere else.
func (t *tree) packageDoc(files []*file) []finding {
	var own, documented []*file
	for _, f := range files {
		if f.test || ignored(f) {
			continue
		}
		own = append(own, f)
		if f.ast.Doc.Text() != "" {
			documented = append(documented, f)
		}
	}
	if len(own) == 0 {
		return nil
	}
	dir := own[0].dir
	if !slices.Contains(public, dir) {
		if len(documented) == 0 {
			return []finding{t.at(own[0].ast.Name.Pos(), "package %s has no documentation", own[0].ast.Name.Name)}
		}
		return nil
	}
	var found []finding
	in := false
	for _, f := range documented {
		if path.Base(f.path) == "doc.go" {
			in = true
		} else {
			found = append(found, t.at(f.ast.Doc.Pos(), "package documentation, want that in doc.go"))
		}
	}
	if !in {
		found = append(found, t.at(own[0].ast.Name.Pos(), "package %s has no documentation in doc.go", own[0].ast.Name.Name))
	}
	return found
}

func (t *tree) declDoc(d ast.Decl) []finding {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return t.funcDoc(d)
	case *ast.GenDecl:
		var found []finding
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if !s.Name.IsExported() {
					continue
				}
				if s.Doc.Text() == "" && s.Comment.Text() == "" && d.Doc.Text() == "" {
					found = append(found, t.at(s.Pos(), "type %s has no documentation", s.Name.Name))
				}
				found = append(found, t.fieldDocs(s)...)
			case *ast.ValueSpec:
				if s.Doc.Text() != "" || s.Comment.Text() != "" || d.Doc.Text() != "" {
					continue
				}
				for _, n := range s.Names {
					if n.IsExported() {
						found = append(found, t.at(n.Pos(), "%s %s has no documentation, nor has its group", d.Tok, n.Name))
					}
				}
			}
		}
		return found
	}
	return nil
}

func (t *tree) funcDoc(d *ast.FuncDecl) []finding {
	name := d.Name.Name
	if d.Recv != nil && len(d.Recv.List) == 1 {
		recv := receiver(d.Recv.List[0].Type)
		if !token.IsExported(recv) {
			return nil
		}
		name = recv + "." + name
	}
	if !d.Name.IsExported() {
		return nil
	}
	text := d.Doc.Text()
	if text == "" {
		return []finding{t.at(d.Name.Pos(), "func %s has no documentation", name)}
	}
	if first := strings.TrimRight(strings.Fields(text)[0], ".,:;"); first != d.Name.Name {
		return []finding{t.at(d.Name.Pos(), "documentation of func %s begins with %q, want its name", name, first)}
	}
	return nil
}

// receiver is the name of the type in a receiver: T, *T, T[P].
func receiver(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		default:
			return ""
		}
	}
}

// fieldDocs wants documentation above or behind every exported field of a struct and method of an interface. Embedded ones
// speak for themselves.
func (t *tree) fieldDocs(s *ast.TypeSpec) []finding {
	var list []*ast.Field
	switch x := s.Type.(type) {
	case *ast.StructType:
		list = x.Fields.List
	case *ast.InterfaceType:
		list = x.Methods.List
	}
	var found []finding
	for _, f := range list {
		if f.Doc.Text() != "" || f.Comment.Text() != "" {
			continue
		}
		for _, n := range f.Names {
			if n.IsExported() {
				found = append(found, t.at(n.Pos(), "%s.%s has no documentation", s.Name.Name, n.Name))
			}
		}
	}
	return found
}

func (t *tree) checkExamples() []finding {
	var found []finding
	for _, dir := range exemplary {
		files := t.in(dir)
		var tests []*ast.File
		for _, f := range files {
			if f.test {
				tests = append(tests, f.ast)
			}
		}
		var names []string
		for _, x := range doc.Examples(tests...) {
			if x.Output == "" && !x.EmptyOutput {
				found = append(found, t.at(x.Code.Pos(), "Example%s has no Output: it is not run", x.Name))
			}
			names = append(names, x.Name)
		}
		for _, f := range api(files) {
			for _, d := range f.ast.Decls {
				for _, n := range exampled(d) {
					has := func(x string) bool { return x == n.Name || strings.HasPrefix(x, n.Name+"_") }
					if !slices.ContainsFunc(names, has) {
						found = append(found, t.at(n.Pos(), "no Example%s in the tests of %s", n.Name, dir))
					}
				}
			}
		}
	}
	return found
}

// exampled are the names in a declaration that want an Example. Aliases have theirs where the type is.
func exampled(d ast.Decl) []*ast.Ident {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.IsExported() {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		var names []*ast.Ident
		for _, s := range d.Specs {
			if s, ok := s.(*ast.TypeSpec); ok && s.Name.IsExported() && !s.Assign.IsValid() {
				names = append(names, s.Name)
			}
		}
		return names
	}
	return nil
}
