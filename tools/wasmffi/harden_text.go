package main

import (
	"fmt"
	"strings"

	"github.com/wasmffi/go/loader"
)

// describe is the whole text of harden.
func (line *hardenLine) describe(bin *loader.Binary, h *loader.Hardened) string {
	fuel := line.options.Fuel
	if fuel == 0 {
		fuel = loader.DefaultFuel
	}
	was := h.Report
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s with protection built in\n", shown(line.out), shown(bin.Path))
	var t table
	t.add("", "before", "after")
	t.add("size", fmt.Sprintf("%d bytes", was.Size), fmt.Sprintf("%d bytes, %s", len(h.Wasm), growth(was.Size, len(h.Wasm))))
	t.add("instructions", "not counted", fmt.Sprintf("%d for an instance, then a trap", fuel))
	if m := h.Memory; m != nil {
		t.add("memory", sizeText(m.Min)+" at first, "+mostText(was.Memory.Max < 1<<32, sizeText(was.Memory.Max)), mostText(true, sizeText(m.Max))+ofHost(m.ImportedFrom))
	}
	for i := range h.Tables[:min(len(h.Tables), mostTables)] {
		now := &h.Tables[i]
		before := was.Tables[i].Max
		t.add(fmt.Sprintf("table %d", i), fmt.Sprintf("%s at first, %s", entries(now.Min), mostText(before < 1<<32-1, fmt.Sprint(before))),
			mostText(true, fmt.Sprint(now.Max))+ofHost(now.ImportedFrom))
	}
	if more := len(h.Tables) - mostTables; more > 0 {
		t.add("tables", fmt.Sprintf("%d more", more), "with a maximum each")
	}
	if was.Start {
		t.add("start", "a function", "the same, paid out of what is there at first")
	}
	if h.Drops > 0 {
		t.add("left out", count(h.Drops, "custom section"), "what tells places in code that has moved")
	}
	t.write(&b)

	fmt.Fprintf(&b, "\nwhat a host does\n")
	var host table
	host.add("nothing", fmt.Sprintf("an instance may take %d instructions in all, and then traps", fuel))
	host.add(h.Fuel, "global, mut i64: set before a call it is what the call may take, and afterwards what is left")
	host.add(h.Poll, "table of one funcref: a function () -> () in it is called instead of the trap, and sets the global or ends the call")
	if h.Tries != "" {
		host.add(h.Tries, "global, mut i32: set to 0 after a call that did not return")
	}
	host.write(&b)
	for _, note := range line.notes(bin, h) {
		fmt.Fprintf(&b, "\nnote: %s\n", note)
	}
	return b.String()
}

// notes are what to know besides.
func (line *hardenLine) notes(bin *loader.Binary, h *loader.Hardened) (notes []string) {
	base := strings.TrimSuffix(strings.TrimSuffix(line.out, ".gz"), ".wasm")
	if h.Report.Signatures != "" && h.Report.Signatures == bin.SidecarPath && base+".sig" != bin.SidecarPath {
		notes = append(notes, fmt.Sprintf("the signatures are in %s, which is to be copied to %s", shown(bin.SidecarPath), shown(base+".sig")))
	}
	var refusals []string
	again, err := loader.FromBytes(line.out, h.Wasm, nil)
	if err == nil {
		var r *loader.Report
		if r, err = loader.Inspect(again, &loader.InspectOptions{Threads: line.options.Threads, Exceptions: line.options.Exceptions}); err == nil {
			refusals = r.Refusals
		}
	}
	if err != nil {
		refusals = []string{oneLine(err)}
	}
	if len(refusals) > 0 {
		notes = append(notes, "package wasmffi takes "+shown(bin.Path)+" and would refuse what it became: "+refusals[0])
	}
	return notes
}

// growth says by how much a size has grown.
func growth(before, after int) string {
	return fmt.Sprintf("%.0f %% more", 100*float64(after-before)/float64(before))
}

func mostText(limited bool, most string) string {
	if !limited {
		return "no limit"
	}
	return "at most " + most
}

func entries(n uint32) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// ofHost reminds of whose an imported memory or table is.
func ofHost(from *loader.ImportName) string {
	if from == nil {
		return ""
	}
	return ", as the host's " + shown(from.Module) + "." + shown(from.Name) + " must be, too"
}
