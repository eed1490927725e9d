package analyzer_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// imports is the order in which packages may import one another: a package may
// import those of its own list and nothing else of the product. This is policy;
// it is not to be relaxed to make a build pass.
var imports = map[string][]string{
	"internal/lang":         {},
	"internal/capture":      {"internal/lang"},
	"internal/packet":       {"internal/lang", "internal/capture"},
	"internal/conversation": {"internal/lang", "internal/capture", "internal/packet"},
	"internal/scenario":     {"internal/lang", "internal/conversation", "internal/packet"},
	"internal/ladder":       {"internal/lang", "internal/packet", "internal/conversation", "internal/scenario"},
	".":                     {"internal/lang", "internal/capture", "internal/packet", "internal/conversation", "internal/scenario", "internal/ladder"},
	"cmd/pcaplain":          {".", "internal/lang"},
	"../wasm":               {"."},
}

func TestImportOrder(t *testing.T) {
	for folder, allowed := range imports {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no Go files (%v)", folder, err)
		}
		permitted := map[string]bool{}
		for _, a := range allowed {
			permitted[filepath.ToSlash(filepath.Join("pcaplain/analyzer", a))] = true
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				checkImports(t, file, permitted)
			}
		}
	}
}

func checkImports(t *testing.T, file string, permitted map[string]bool) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range f.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		if strings.HasPrefix(path, "pcaplain/") && !permitted[path] {
			t.Errorf("%s may not import %s", file, path)
		}
	}
}
