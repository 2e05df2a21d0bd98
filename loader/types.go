package loader

import (
	"fmt"
	"math"
	"strings"

	"github.com/wasmffi/go/loader/wasmbin"
)

// pageSize is that of linear memories.
const pageSize = 65536

// importName is what import k asks for.
func (i *inspection) importName(k int) *ImportName {
	return &ImportName{i.m.Imports[k].Module, i.m.Imports[k].Name}
}

// memory is the first memory of the index space; nil: there is none.
func (i *inspection) memory() *MemoryInfo {
	for k, im := range i.m.Imports {
		if im.Kind == wasmbin.KindMemory {
			info := i.memoryInfo(*im.Memory)
			info.ImportedFrom = i.importName(k)
			return info
		}
	}
	if len(i.m.Memories) > 0 {
		return i.memoryInfo(i.m.Memories[0])
	}
	return nil
}

func (i *inspection) memoryInfo(m wasmbin.Memory) *MemoryInfo {
	info := &MemoryInfo{Min: uint64(m.Limits.Min) * pageSize, Max: 1 << 32, Shared: m.Shared, Exports: i.exportsOf(wasmbin.KindMemory, 0)}
	if m.Limits.HasMax {
		info.Max = uint64(m.Limits.Max) * pageSize
	}
	return info
}

// tables are all tables. Their exports are looked for once, as both may be many.
func (i *inspection) tables() []TableInfo {
	all := []TableInfo{}
	for k, im := range i.m.Imports {
		if im.Kind == wasmbin.KindTable {
			all = append(all, tableInfo(*im.Table))
			all[len(all)-1].ImportedFrom = i.importName(k)
		}
	}
	for _, t := range i.m.Tables {
		all = append(all, tableInfo(t))
	}
	for _, x := range i.m.Exports {
		if x.Kind == wasmbin.KindTable {
			all[x.Index].Exports = append(all[x.Index].Exports, x.Name)
		}
	}
	return all
}

func tableInfo(t wasmbin.Table) TableInfo {
	return TableInfo{Type: t.Type.String(), Min: t.Limits.Min, Max: t.Limits.Max, Exports: []string{}}
}

// typeText is the type of an import for people.
func (i *inspection) typeText(im wasmbin.Import) string {
	switch im.Kind {
	case wasmbin.KindTable:
		return im.Table.Type.String() + " " + limitsText(im.Table.Limits)
	case wasmbin.KindMemory:
		text := limitsText(im.Memory.Limits) + " pages"
		if im.Memory.Shared {
			text += " shared"
		}
		return text
	case wasmbin.KindGlobal:
		if im.Global.Mutable {
			return "mut " + im.Global.Type.String()
		}
		return im.Global.Type.String()
	case wasmbin.KindTag:
		return funcText(i.m.Types[im.Tag.Type])
	}
	return funcText(i.m.Types[im.Type])
}

func limitsText(l wasmbin.Limits) string {
	if l.Max == math.MaxUint32 {
		return fmt.Sprintf("%d or more", l.Min)
	}
	return fmt.Sprintf("%d to %d", l.Min, l.Max)
}

// mostTypes is how many parameters and results the text of a function type lists. A type is short and may stand at every
// import: without a bound the texts would grow with the square of the module.
const mostTypes = 64

func funcText(t wasmbin.FuncType) string {
	text := "(" + typeList(t.Params) + ")"
	if len(t.Results) > 0 {
		text += " -> " + typeList(t.Results)
	}
	return text
}

func typeList(types []wasmbin.ValueType) string {
	names := make([]string, 0, min(len(types), mostTypes+1))
	for _, t := range types[:min(len(types), mostTypes)] {
		names = append(names, t.String())
	}
	if n := len(types) - len(names); n > 0 {
		names = append(names, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(names, ", ")
}
