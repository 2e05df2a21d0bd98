package main

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The picture: one bar for each target, as long as the part of the must that was used, so that bars of different
// units can be compared. All bars share one line, the must; each has a tick of its own where the goal is.
const (
	svgWidth = 800
	svgLeft  = 270 // where bars start
	svgMust  = 220 // length of a bar that is exactly at its must
	svgMost  = 330 // length of the longest bar, which ends in an arrow when it stands for more
	svgRow   = 22
	svgTop   = 64
)

// Colours that differ in lightness too, for those who do not see the hues.
var svgColours = map[verdict]string{goalMet: "#2a9d6f", mustMet: "#5b8fd6", missed: "#c2452d"}

func writeSVG(out io.Writer, r report) error {
	type bar struct {
		label string
		judged
	}
	var bars []bar
	for _, g := range r.Groups {
		for _, m := range g.Rows {
			for _, j := range m.Targets {
				if svgColours[j.Verdict] == "" {
					continue
				}
				label := g.Name
				if j.Against != "" {
					label += " vs " + j.Against
				}
				bars = append(bars, bar{label, j})
			}
		}
	}
	w := bufio.NewWriter(out)
	bottom := svgTop + len(bars)*svgRow
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" font-family="system-ui, sans-serif" font-size="12" fill="#333">`+"\n", svgWidth, bottom+42)
	fmt.Fprintln(w, `<rect width="100%" height="100%" rx="6" fill="#fff"/>`)
	fmt.Fprintln(w, `<text x="16" y="24" font-size="15" font-weight="600">wasmffi: what is used of what is allowed</text>`)
	fmt.Fprintf(w, `<text x="16" y="43" fill="#777">%s</text>`+"\n", escape(fmt.Sprintf("%s, %s %s/%s, %s", r.Machine.CPU, r.Machine.Go, r.Machine.OS, r.Machine.Arch, r.Date.Format("2006-01-02"))))
	for i, b := range bars {
		y := svgTop + i*svgRow
		mid := y + 15
		fmt.Fprintf(w, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", svgLeft-10, mid, escape(b.label))
		length, colour := svgMust*b.share(b.Value), svgColours[b.Verdict]
		if length > svgMost {
			x := svgLeft + svgMost
			fmt.Fprintf(w, `<path d="M%d %dH%dL%d %dL%d %dH%dZ" fill="%s"/>`+"\n", svgLeft, y+4, x-7, x, y+11, x-7, y+18, svgLeft, colour)
		} else {
			fmt.Fprintf(w, `<rect x="%d" y="%d" width="%.1f" height="14" rx="2" fill="%s"/>`+"\n", svgLeft, y+4, max(length, 2), colour)
		}
		if b.Goal != 0 {
			x := svgLeft + svgMust*b.share(b.Goal)
			fmt.Fprintf(w, `<path d="M%.1f %dv18" stroke="#333" stroke-width="2"/>`+"\n", x, y+2)
		}
		fmt.Fprintf(w, `<text x="%d" y="%d">%s <tspan fill="#777">%s</tspan></text>`+"\n", svgLeft+svgMost+12, mid, escape(b.text()), escape(b.limit(b.Must)))
	}
	fmt.Fprintf(w, `<path d="M%d %dV%d" stroke="#333" stroke-dasharray="3 3"/>`+"\n", svgLeft+svgMust, svgTop-2, bottom+4)
	fmt.Fprintf(w, `<text x="%d" y="%d" fill="#777" text-anchor="middle">must</text>`+"\n", svgLeft+svgMust, svgTop-6)
	x := 16
	for _, v := range []verdict{goalMet, mustMet, missed} {
		fmt.Fprintf(w, `<rect x="%d" y="%d" width="12" height="12" rx="2" fill="%s"/><text x="%d" y="%d">%s</text>`+"\n", x, bottom+17, svgColours[v], x+18, bottom+27, v)
		x += 100
	}
	fmt.Fprintf(w, `<path d="M%d %dv14" stroke="#333" stroke-width="2"/><text x="%d" y="%d">goal</text>`+"\n", x, bottom+16, x+10, bottom+27)
	fmt.Fprintln(w, `</svg>`)
	return w.Flush()
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
