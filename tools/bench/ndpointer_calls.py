"""The other side of numpy.go: calls dot in a shared library, as often as each line of the input says, and
answers how many nanoseconds that took.
"""

import sys
import timeit
from ctypes import c_double, c_size_t

import numpy
from numpy.ctypeslib import load_library, ndpointer

lib = load_library(sys.argv[1], sys.argv[2])
dot = lib.bench_dot
vector = ndpointer(numpy.float64, ndim=1, flags="C_CONTIGUOUS")
dot.argtypes = [vector, vector, c_size_t]
dot.restype = c_double

# One call that counts, before many that are only timed.
assert dot(numpy.full(3, 2.0), numpy.arange(3.0), 3) == 6.0

timer = timeit.Timer(
    "dot(x, y, 0)",
    globals={"dot": dot, "x": numpy.zeros(0), "y": numpy.zeros(0)},
    timer=__import__("time").perf_counter_ns,
)
print("numpy", numpy.__version__, "python", sys.version.split()[0], flush=True)
for line in sys.stdin:
    print(timer.timeit(int(line)), flush=True)
