package main

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
)

// machine is what a reader must know to compare figures.
type machine struct {
	CPU      string `json:"cpu"`
	CPUs     int    `json:"cpus"`
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	Compiler string `json:"c_compiler"` // of the cgo rows; empty: they are left out
	Engine   string `json:"engine"`
}

func thisMachine() machine {
	m := machine{CPU: cpuModel(), CPUs: runtime.NumCPU(), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, Compiler: nativeCompiler()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if path, found := strings.CutPrefix(d.Path, "github.com/tetratelabs/"); found {
				m.Engine = path + " " + d.Version
			}
		}
	}
	return m
}

func cpuModel() string {
	switch runtime.GOOS {
	case "linux":
		text, _ := os.ReadFile("/proc/cpuinfo")
		for line := range strings.Lines(string(text)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	case "darwin":
		if out, err := exec.Command("sysctl", "-n", "machdep.cpu.brand_string").Output(); err == nil {
			return strings.TrimSpace(string(out))
		}
	}
	return "unknown"
}
