package wasmbin

import (
	"math/bits"
	"strings"
)

// Features are a set of features beyond WebAssembly 1.0. The zero value is the empty set.
type Features uint32

// The features, by the names that target_features sections have.
const (
	FeatureAtomics            Features = 1 << iota // atomic instructions and shared memories: threads
	FeatureBulkMemory                              // memory.copy and the like, passive segments
	FeatureExceptionHandling                       // try_table, throw, throw_ref, tags and exnref
	FeatureExtendedConst                           // arithmetic in constant expressions, and in them globals of the module itself
	FeatureFunctionReferences                      // call_ref, references to functions of a type and such as cannot be null
	FeatureMultiMemory                             // more than one memory
	FeatureMultivalue                              // several results, and types of blocks with parameters
	FeatureMutableGlobals                          // mutable globals that are imported or exported
	FeatureNontrappingFptoint                      // saturating conversions to integers
	FeatureReferenceTypes                          // funcref and externref as values, several tables
	FeatureSignExt                                 // sign extension within a number
	FeatureSIMD128                                 // vectors
	FeatureTailCall                                // return_call and the like
)

// featureNames are in the order of the bits, which is that of the alphabet.
var featureNames = [...]string{"atomics", "bulk-memory", "exception-handling", "extended-const", "function-references",
	"multimemory", "multivalue", "mutable-globals", "nontrapping-fptoint", "reference-types", "sign-ext", "simd128", "tail-call"}

// Has is whether all of the others are in the set.
func (f Features) Has(others Features) bool { return f&others == others }

// Names are the names of the features in the set, as target_features sections have them, ascending: never nil.
func (f Features) Names() []string {
	names := make([]string, 0, bits.OnesCount32(uint32(f)))
	for i, name := range featureNames {
		if f&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// String is the names, separated by commas; "none" for the empty set.
func (f Features) String() string {
	if f == 0 {
		return "none"
	}
	return strings.Join(f.Names(), ", ")
}

// features are those of a value type.
func (t ValueType) features() Features {
	switch t {
	case V128:
		return FeatureSIMD128
	case FuncRef, ExternRef:
		return FeatureReferenceTypes
	case ExnRef:
		return FeatureExceptionHandling | FeatureReferenceTypes
	}
	if !t.IsRef() {
		return 0
	}
	f := FeatureFunctionReferences | FeatureReferenceTypes
	if ValueType(t.heap()+0x80) == ExnRef {
		f |= FeatureExceptionHandling
	}
	return f
}

// The features of instructions, by opcode as shapes.
var (
	plainFeatures = plainFeatureTable()
	miscFeatures  = miscFeatureTable()
)

func plainFeatureTable() *[256]Features {
	t := new([256]Features)
	for op, f := range map[Opcode]Features{
		OpThrow: FeatureExceptionHandling, OpThrowRef: FeatureExceptionHandling | FeatureReferenceTypes,
		OpTryTable:   FeatureExceptionHandling,
		OpReturnCall: FeatureTailCall, OpReturnCallIndirect: FeatureTailCall,
		OpCallRef: FeatureFunctionReferences, OpReturnCallRef: FeatureFunctionReferences | FeatureTailCall,
		OpTableGet: FeatureReferenceTypes, OpTableSet: FeatureReferenceTypes,
		OpSelectTyped: FeatureReferenceTypes,
		OpRefNull:     FeatureReferenceTypes, OpRefIsNull: FeatureReferenceTypes, OpRefFunc: FeatureReferenceTypes,
		OpRefAsNonNull: FeatureFunctionReferences, OpBrOnNull: FeatureFunctionReferences, OpBrOnNonNull: FeatureFunctionReferences,
	} {
		t[op] = f
	}
	for op := 0xc0; op <= 0xc4; op++ {
		t[op] = FeatureSignExt
	}
	return t
}

func miscFeatureTable() *[256]Features {
	t := new([256]Features)
	for op := range 0x12 {
		switch {
		case op < 0x08:
			t[op] = FeatureNontrappingFptoint
		case op < 0x0f:
			t[op] = FeatureBulkMemory
		default: // table.grow, table.size, table.fill
			t[op] = FeatureReferenceTypes
		}
	}
	return t
}

// features are those of an instruction without its immediates.
func (op Opcode) features() Features {
	switch op >> 8 {
	case 0:
		return plainFeatures[op]
	case prefixMisc:
		return miscFeatures[op&0xff]
	case prefixVector:
		return FeatureSIMD128
	case prefixAtomic:
		return FeatureAtomics
	}
	return 0
}
