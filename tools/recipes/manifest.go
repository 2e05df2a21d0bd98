package main

import (
	"bytes"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

// maxFile is the greatest size of a file of the manifest, in bytes. The greatest there is has 3.5 MB.
const maxFile = 32 << 20

//go:embed manifest.json
var manifest []byte

// recipe is a row of the manifest: one file of one package.
type recipe struct {
	File     string   `json:"file"`     // what it is called in the folder
	Case     string   `json:"case"`     // the test that it is for
	Package  string   `json:"package"`  // as npm calls it
	Version  string   `json:"version"`  // the one and only, no range
	Licence  string   `json:"licence"`  // an SPDX expression
	Path     string   `json:"path"`     // in the package's archive
	Encoding encoding `json:"encoding"` // how the file stands there
	Size     int64    `json:"size"`     // of the file, in bytes
	SHA256   string   `json:"sha256"`   // of the file, in hexadecimal
}

// spec is what npm calls one version of a package.
func (r recipe) spec() string { return r.Package + "@" + r.Version }

// encoding says how a file stands in an archive.
type encoding string

const (
	plain  encoding = "file"   // as it is
	base64 encoding = "base64" // as a text in another file, such as a script
)

// parseManifest reads rows and checks what the rest of the command relies on: names are names of files without a folder,
// each once, and sizes are bounded.
func parseManifest(text []byte) ([]recipe, error) {
	var recipes []recipe
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&recipes); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	seen := map[string]bool{}
	for i, r := range recipes {
		digest, err := hex.DecodeString(r.SHA256)
		switch {
		case !fs.ValidPath(r.File) || strings.ContainsAny(r.File, `/\:`) || r.File[0] == '.':
			return nil, fmt.Errorf("manifest: row %d: file is %q, want the name of a file", i, r.File)
		case seen[r.File]:
			return nil, fmt.Errorf("manifest: row %d: %s is there twice", i, r.File)
		case r.Package == "" || r.Package[0] == '-' || r.Version == "" || r.Path == "":
			return nil, fmt.Errorf("manifest: %s: got package %q, version %q, path %q, want all three", r.File, r.Package, r.Version, r.Path)
		case r.Encoding != plain && r.Encoding != base64:
			return nil, fmt.Errorf("manifest: %s: encoding is %q, want %s or %s", r.File, r.Encoding, plain, base64)
		case r.Size <= 0 || r.Size > maxFile:
			return nil, fmt.Errorf("manifest: %s: size is %d, want 1 to %d", r.File, r.Size, maxFile)
		case err != nil || len(digest) != 32 || strings.ToLower(r.SHA256) != r.SHA256:
			return nil, fmt.Errorf("manifest: %s: sha256 is %q, want 64 hexadecimal digits in lower case", r.File, r.SHA256)
		}
		seen[r.File] = true
	}
	return recipes, nil
}
