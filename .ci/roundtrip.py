"""Runs the command line on arrays of real size and compares its results with numpy.

    python3 .ci/roundtrip.py WASMFFI

WASMFFI is the built command: go build -o WASMFFI ./tools/wasmffi. The library is vec
of testdata/wasm. Data of whole numbers must come back exactly, random data within
the rounding that another order of summation allows. Prints a line for each check
and a last line "N passed, M failed"; the exit code is 1 if any failed.
"""

import os
import subprocess
import sys
import tempfile
import time

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VEC = os.path.join(ROOT, "testdata", "wasm", "vec.wasm")
LARGE = 8 * 1024 * 1024  # elements: 64 MiB of float64
SIDE = 2048  # of the large matrices: 32 MiB each

passed = failed = 0


def check(name, ok, note=""):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
    print(f"{'ok    ' if ok else 'FAILED'} {name}{'  ' + note if note else ''}", flush=True)


def close(name, got, want, bound, seconds):
    """Compares elementwise: |got - want| <= bound."""
    error = np.abs(got - want)
    worst = float(np.max(np.where(bound > 0, error / np.where(bound > 0, bound, 1), np.where(error > 0, np.inf, 0)), initial=0.0))
    check(name, got.shape == want.shape and worst <= 1, f"{worst:.2g} of the bound, {seconds:.1f} s")


class Command:
    """The command line, run in a directory of its own."""

    def __init__(self, binary, folder):
        self.binary, self.folder = os.path.abspath(binary), folder

    def run(self, *args):
        start = time.monotonic()
        p = subprocess.run([self.binary, "call", VEC, *args], cwd=self.folder, capture_output=True, text=True)
        return p, time.monotonic() - start

    def call(self, *args):
        """Runs a call that must succeed and returns what it prints."""
        p, seconds = self.run(*args)
        if p.returncode != 0:
            raise RuntimeError(f"{' '.join(args)}: exit code {p.returncode}: {p.stderr.strip()}")
        return p.stdout.strip(), seconds

    def save(self, name, a):
        np.save(os.path.join(self.folder, name), a)

    def load(self, name):
        return np.load(os.path.join(self.folder, name))


def sums(cmd, rng):
    whole = rng.integers(-1000, 1000, LARGE).astype(np.float64)
    cmd.save("x.npy", whole)
    got, seconds = cmd.call("sum", "x.npy")
    check("sum, whole numbers", got == str(whole.sum()), f"{got}, {seconds:.1f} s")
    x = rng.standard_normal(LARGE)
    cmd.save("x.npy", x)
    _, seconds = cmd.call("sum", "x.npy", "-o", "s.npy")
    close("sum, random", cmd.load("s.npy"), np.sum(x), 1e-13 * np.sum(np.abs(x)), seconds)
    cmd.save("big.npy", x.astype(">f8"))
    _, seconds = cmd.call("sum", "big.npy", "-o", "t.npy")
    check("sum, big-endian as little-endian", cmd.load("t.npy") == cmd.load("s.npy"), f"{seconds:.1f} s")


def axpy(cmd, rng, func, dtype, n):
    x, y = (rng.integers(-1000, 1000, n).astype(dtype) for _ in range(2))
    cmd.save("x.npy", x)
    cmd.save("y.npy", y)
    _, seconds = cmd.call(func, "-3", "x.npy", "y.npy", "-o", "y.npy")
    got = cmd.load("y.npy")
    check(f"{func}, whole numbers, in place", got.dtype == dtype and np.array_equal(got, y - 3 * x), f"{x.nbytes >> 20} MiB, {seconds:.1f} s")
    x, y = (rng.standard_normal(n).astype(dtype) for _ in range(2))
    cmd.save("x.npy", x)
    cmd.save("y.npy", y)
    _, seconds = cmd.call(func, "0.1", "x.npy", "y.npy", "-o", "out.npy")
    a = dtype(0.1)
    unit = np.finfo(dtype).eps
    close(f"{func}, random", cmd.load("out.npy"), y + a * x, unit * (np.abs(y) + np.abs(a * x)), seconds)
    check(f"{func} leaves its input", np.array_equal(cmd.load("y.npy"), y))


def matrices(cmd, rng):
    a, b = (rng.integers(-100, 100, (SIDE, SIDE)).astype(np.float64) for _ in range(2))
    cmd.save("a.npy", a)
    cmd.save("b.npy", b)
    _, seconds = cmd.call("matmul", "a.npy", "b.npy", "-o", "c.npy")
    check(f"matmul {SIDE}, whole numbers", np.array_equal(cmd.load("c.npy"), a @ b), f"{seconds:.1f} s")
    a, b = rng.standard_normal((300, SIDE)), rng.standard_normal((SIDE, 500))
    cmd.save("a.npy", a)
    cmd.save("b.npy", np.asfortranarray(b))
    _, seconds = cmd.call("matmul", "a.npy", "b.npy", "-o", "c=c.npy")
    close("matmul, random, C and Fortran order", cmd.load("c.npy"), a @ b, 1e-13 * (np.abs(a) @ np.abs(b)), seconds)


def others(cmd, rng):
    x = rng.integers(-(2**40), 2**40, 1_000_000)
    cmd.save("x.npy", x)
    cmd.call("prefix_sum", "x.npy", "-o", "y.npy")
    check("prefix_sum, int64", np.array_equal(cmd.load("y.npy"), np.cumsum(x)))
    x = rng.integers(0, 256, 10_000_000).astype(np.uint8)
    cmd.save("x.npy", x)
    cmd.call("histogram", "x.npy", "-o", "bins.npy")
    check("histogram, uint8", np.array_equal(cmd.load("bins.npy"), np.bincount(x, minlength=256)))
    x, y = (rng.integers(-9, 9, 100_000) + 1j * rng.integers(-9, 9, 100_000) for _ in range(2))
    cmd.save("x.npy", x)
    cmd.save("y.npy", y)
    cmd.call("cmul", "x.npy", "y.npy", "-o", "z.npy")
    check("cmul, complex128", np.array_equal(cmd.load("z.npy"), x * y))
    x = rng.integers(0, 2, 1_000_000).astype(bool)
    cmd.save("x.npy", x)
    got, _ = cmd.call("count_true", "x.npy")
    check("count_true, bool", got == str(x.sum()))
    p = np.zeros(1000, dtype=[("x", "f4"), ("y", "f4"), ("z", "f4"), ("id", "i4")])
    for f in "xyz":
        p[f] = rng.integers(-100, 100, 1000)
    cmd.save("p.npy", p)
    cmd.call("centroid", "p.npy", "-o", "m.npy")
    check("centroid, structs", np.allclose(cmd.load("m.npy"), [p[f].mean(dtype=float) for f in "xyz"], rtol=1e-13, atol=0))
    for name, x in ("few", rng.standard_normal(9)), ("many", rng.standard_normal(3000)):
        cmd.save("x.npy", x)
        got, _ = cmd.call("scale", "x.npy", "1")
        check(f"prints as numpy does, {name}", got == str(x))


def refusals(cmd, rng):
    cmd.save("x.npy", np.zeros(LARGE, np.float32))
    p, _ = cmd.run("sum", "x.npy")
    check("another dtype is refused", p.returncode == 1 and "dtype is float32, want float64" in p.stderr)
    cmd.save("x.npy", np.zeros(4 * LARGE))
    p, _ = cmd.run("sum", "x.npy")
    check("256 MiB in 256 MiB are refused, naming -memory", p.returncode == 1 and "-memory" in p.stderr)
    got, seconds = cmd.call("sum", "x.npy", "-memory", "512MiB")
    check("256 MiB with -memory 512MiB", got == "0.0", f"{seconds:.1f} s")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    rng = np.random.default_rng(20240229)
    with tempfile.TemporaryDirectory() as folder:
        cmd = Command(sys.argv[1], folder)
        for name, part in [
            ("sums", lambda: sums(cmd, rng)),
            ("saxpy", lambda: axpy(cmd, rng, "saxpy", np.float32, 2 * LARGE)),
            ("daxpy", lambda: axpy(cmd, rng, "daxpy", np.float64, LARGE)),
            ("matrices", lambda: matrices(cmd, rng)),
            ("others", lambda: others(cmd, rng)),
            ("refusals", lambda: refusals(cmd, rng)),
        ]:
            try:
                part()
            except (RuntimeError, OSError, ValueError) as e:
                check(name, False, str(e))
        left = [f for f in os.listdir(folder) if not f.endswith(".npy")]
        check("no temporary files are left", not left, " ".join(left))
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
