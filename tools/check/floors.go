package main

import (
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"path"
	"strings"
)

// floorOf is the floor of a file, by its name without the suffix of a platform.
func floorOf(base string) (int, bool) {
	for _, suffix := range []string{"_linux", "_unix", "_windows", "_other"} {
		if cut, ok := strings.CutSuffix(base, suffix); ok {
			base = cut
			break
		}
	}
	n, ok := floors[base]
	return n, ok
}

// checkFloors resolves what the files of a package name of each other. The type checker does that well enough when it
// sees nothing of third-party packages: what is ours has its type in our files. Its errors are not looked at.
func (t *tree) checkFloors() []finding {
	var found []finding
	var files []*ast.File
	floor := map[string]int{} // by path
	for _, f := range api(t.in(floorsFolder)) {
		n, ok := floorOf(f.base())
		if !ok {
			found = append(found, t.at(f.ast.Name.Pos(), "no floor: give it one in the table floors of tools/check"))
			continue
		}
		floor[f.path] = n
		files = append(files, f.ast)
	}
	if len(files) == 0 {
		return found
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: new(stdImporter), Error: func(error) {}}
	pkg, _ := conf.Check(t.module+"/"+floorsFolder, t.fset, files, info)
	pathOf := func(pos token.Pos) string { return t.fset.PositionFor(pos, false).Filename }
	for id, obj := range names(files, pkg, info) {
		from, to := pathOf(id.Pos()), pathOf(obj.Pos())
		if floor[from] < floor[to] {
			found = append(found, t.at(id.Pos(), "floor %d names %s of %s, floor %d", floor[from], obj.Name(), path.Base(to), floor[to]))
		}
	}
	return found
}

// names are the identifiers in files that name a declaration of pkg.
func names(files []*ast.File, pkg *types.Package, info *types.Info) map[*ast.Ident]types.Object {
	all := map[*ast.Ident]types.Object{}
	for id, obj := range info.Uses {
		if obj.Pkg() == pkg && shared(obj) {
			all[id] = obj
		}
	}
	// The type checker passes over parts of an expression that it has no type for, such as T in pool.Get().(*T): there the
	// name alone has to do.
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr: // what stands behind the dot is no name of pkg
			ast.Inspect(n.X, visit)
			return false
		case *ast.KeyValueExpr: // and what stands before the colon is a field
			ast.Inspect(n.Value, visit)
			return false
		case *ast.Ident:
			_, defines := info.Defs[n]
			if obj := pkg.Scope().Lookup(n.Name); obj != nil && !defines && info.Uses[n] == nil {
				all[n] = obj
			}
		}
		return true
	}
	for _, f := range files {
		ast.Inspect(f, visit)
	}
	return all
}

// shared reports whether other files can name obj: declarations of the package, methods and fields.
func shared(obj types.Object) bool {
	switch o := obj.(type) {
	case *types.PkgName, *types.Label:
		return false
	case *types.Var:
		if o.IsField() {
			return true
		}
	case *types.Func:
		return true // a function or a method: there are no local ones
	}
	return obj.Parent() == obj.Pkg().Scope()
}

// stdImporter imports the standard library from its sources and has an empty package for everything else.
type stdImporter struct {
	std types.Importer
}

func (i *stdImporter) Import(p string) (*types.Package, error) {
	first, _, _ := strings.Cut(p, "/")
	if p == "unsafe" {
		return types.Unsafe, nil
	}
	if !strings.Contains(first, ".") && p != "C" {
		if i.std == nil {
			i.std = importer.ForCompiler(token.NewFileSet(), "source", nil)
		}
		if pkg, err := i.std.Import(p); err == nil {
			return pkg, nil
		}
	}
	pkg := types.NewPackage(p, path.Base(p))
	pkg.MarkComplete()
	return pkg, nil
}
