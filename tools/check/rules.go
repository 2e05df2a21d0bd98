package main

// rule is one thing that holds of the whole tree.
type rule struct {
	name  string
	says  string // in one sentence
	check func(*tree) []finding
}

// rules are all of them, in the order of the report.
var rules = []rule{
	{"parse", "Go files parse, and one folder holds one package and its tests", (*tree).checkParse},
	{"top", "the top level holds the names of the table topLevel and dot-names only", (*tree).checkTop},
	{"arrow", "packages import along the table arrows only", (*tree).checkArrows},
	{"wazero", "wazero is named in wasmffi and its internal packages only", (*tree).checkEngine},
	{"unsafe", "unsafe is imported by one file of memview and by linmem only", (*tree).checkUnsafe},
	{"doc", "packages and exported names are documented, functions by their name", (*tree).checkDocs},
	{"example", "exported functions and types of public packages have an Example with Output", (*tree).checkExamples},
	{"size", "files stay within 400 lines, doc.go within 80; tests may be longer", (*tree).checkSize},
	{"floor", "inside wasmffi no file names a declaration of a file above it", (*tree).checkFloors},
}
