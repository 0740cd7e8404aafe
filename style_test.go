package nocall

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// The measures come from codebases worth imitating; see CONTRIBUTING.md. Over
// a measure, split the thing: a raised number needs a reason beside it.
const (
	maxFileLines = 500
	maxFuncLines = 60
	maxParams    = 5
	maxColumns   = 100
)

// vague matches names that say what a thing is made of and not what it is for.
var vague = regexp.MustCompile(`(?i)^(util|utils|common|helpers?|base|misc|types|models?|core|shared)$|(Manager|Helper|Util|Impl|Info)$`)

// TestStyle reads every Go file of the program.
func TestStyle(t *testing.T) {
	docs := make(map[string]int) // package folder to number of package comments
	for _, root := range []string{"internal", "client", "cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			checkLines(t, path, string(text))
			checkClock(t, fset, file, path)
			if strings.HasSuffix(path, "_test.go") {
				return nil
			}
			dir := filepath.Dir(path)
			docs[dir] += 0
			if file.Doc != nil {
				docs[dir]++
			}
			checkNames(t, fset, file)
			checkFuncs(t, fset, file)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for dir, n := range docs {
		if n != 1 {
			t.Errorf("%s: %d package comments, want 1", dir, n)
		}
	}
}

func checkLines(t *testing.T, path, text string) {
	lines := strings.Split(text, "\n")
	if n := len(lines); n > maxFileLines {
		t.Errorf("%s: %d lines, want at most %d", path, n, maxFileLines)
	}
	for i, line := range lines {
		wide := utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    "))
		if wide > maxColumns && !strings.Contains(line, "://") && !strings.Contains(line, "`") {
			t.Errorf("%s:%d: %d columns, want at most %d", path, i+1, wide, maxColumns)
		}
	}
}

// checkClock keeps sleeping out of tests, where synctest passes the time, and
// the clock out of words, which are told the time.
func checkClock(t *testing.T, fset *token.FileSet, file *ast.File, path string) {
	f, _, _ := find(filepath.ToSlash(filepath.Dir(path)))
	banned := ""
	switch {
	case strings.HasSuffix(path, "_test.go"):
		banned = "Sleep"
	case plan[f].name == "words":
		banned = "Now"
	}
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != banned {
			return true
		}
		if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" {
			t.Errorf("%s: time.%s", fset.Position(n.Pos()), banned)
		}
		return true
	})
}

func checkNames(t *testing.T, fset *token.FileSet, file *ast.File) {
	names := []*ast.Ident{file.Name}
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			continue
		}
		for _, spec := range gen.Specs {
			names = append(names, spec.(*ast.TypeSpec).Name)
		}
	}
	for _, name := range names {
		if vague.MatchString(name.Name) {
			t.Errorf("%s: %s says nothing of what it is for", fset.Position(name.Pos()), name.Name)
		}
	}
}

func checkFuncs(t *testing.T, fset *token.FileSet, file *ast.File) {
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		pos := fset.Position(fn.Pos())
		if n := fset.Position(fn.End()).Line - pos.Line + 1; n > maxFuncLines {
			t.Errorf("%s: %s is %d lines, want at most %d", pos, fn.Name.Name, n, maxFuncLines)
		}
		if n := fn.Type.Params.NumFields(); n > maxParams {
			t.Errorf("%s: %s takes %d parameters, want at most %d", pos, fn.Name.Name, n, maxParams)
		}
		if fn.Name.Name == "init" && fn.Recv == nil {
			t.Errorf("%s: init hides what a program does; call it by name", pos)
		}
		if fn.Name.IsExported() && fn.Doc == nil {
			t.Errorf("%s: %s is exported and has no comment", pos, fn.Name.Name)
		}
	}
}
