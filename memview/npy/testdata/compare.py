"""The numpy side of TestNumpy.

    compare.py make DIR COUNT SEED   writes arrays of random dtypes, shapes and layouts
    compare.py check DIR             compares what Go wrote with them

For case i there are i.parent.npy, i.npy (a view of the parent, as cases.json says) and
i.raw (its elements in C order). Go adds i.go.npy.
"""
import json
import os
import random
import struct
import sys
import warnings

import numpy as np
from numpy.lib import format as npy

warnings.simplefilter("ignore")

SCALARS = ["?", "i1", "u1"] + [o + c for o in "<>" for c in
    ["i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16", "U1", "U3", "M8", "m8", "M8[D]", "M8[25s]", "m8[ns]"]
] + ["S1", "S5", "V1", "V7"]
NAMES = ["a", "b", "x1", "it's", 'say "hi"', "'\"", "back\\slash", "new\nline", "\x00\x1f", "\xe9t\xe9", "\xa0\xad",
         "\u65e5\u672c", "\u2028", "\U0001f600", "\U000e0001", "\u0394x", " ", "f8", "descr", "shape"]


def dtype(r, depth):
    k = r.random()
    if depth == 0 or k < 0.4:
        return np.dtype(r.choice(SCALARS))
    n = r.choice([0, 1, 1, 2, 3, 4, 7])
    names = r.sample(NAMES, min(2 * n, len(NAMES)))
    names, titles = names[:n], [t if r.random() < 0.2 else None for t in names[n:2 * n]]
    if not any(titles):
        titles = None
    formats = []
    for _ in range(n):
        d = dtype(r, depth - 1)
        if d.itemsize and r.random() < 0.25:
            d = np.dtype((d, tuple(r.choice([0, 1, 2, 3]) for _ in range(r.choice([1, 1, 2, 3])))))
            if d.itemsize and r.random() < 0.1:
                d = np.dtype((d, (2,)))
        formats.append(d)
    spec = {"names": names, "formats": formats}
    if titles:
        spec["titles"] = titles
    align = False
    if r.random() < 0.4:  # gaps
        at, spec["offsets"] = 0, []
        for f in formats:
            at += r.choice([0, 0, 1, 3])
            spec["offsets"].append(at)
            at += f.itemsize
        spec["itemsize"] = at + r.choice([0, 1, 4])
    else:
        align = r.random() < 0.5
    return np.dtype(spec, align=align)


def tidy(r, buf, dt):
    """Makes bools 0 or 1 and text valid in buf, of shape (n, itemsize)."""
    if dt.names is not None:
        for name in dt.names:
            f, off = dt.fields[name][:2]
            tidy(r, buf[:, off:off + f.itemsize], f)
    elif dt.subdtype:
        base = dt.subdtype[0]
        for at in range(0, dt.itemsize, max(base.itemsize, 1)):
            tidy(r, buf[:, at:at + base.itemsize], base)
    elif dt.kind == "b":
        buf &= 1
    elif dt.kind == "U":
        points = r.choices([0, 65, 0xE9, 0x65E5, 0x1F600], k=buf.size // 4)
        text = np.array(points, dt.byteorder.replace("|", "=") + "u4")
        buf[...] = text.view("u1").reshape(buf.shape)


def array(r, dt, shape, order):
    n = int(np.prod(shape, dtype=int))
    if dt.itemsize == 0:
        return np.zeros(shape, dt)  # a fresh array of no bytes is not C and F at once, though all views of it are
    buf = np.frombuffer(r.randbytes(n * dt.itemsize), "u1").reshape(n, dt.itemsize).copy()
    tidy(r, buf, dt)
    return buf.reshape(-1).view(dt).reshape(shape, order=order) if n else np.zeros(shape, dt, order)


def text(x, dt):
    """What Array.At gives, as text; None where that is left out."""
    if dt.names is not None or dt.subdtype:
        return None
    real = lambda v: "nan" if v != v else struct.pack(">d", float(v)).hex()
    if dt.kind == "b":
        return "True" if x else "False"
    if dt.kind in "iu":
        return str(int(x))
    if dt.kind in "Mm":
        return str(int(x.astype("i8")))
    if dt.kind == "f":
        return real(x)
    if dt.kind == "c":
        return real(x.real) + "," + real(x.imag)
    if dt.kind == "S":
        return bytes(x).hex()
    if dt.kind == "U":
        return str(x).encode().hex()
    return x.tobytes().hex()


def make(folder, count, seed):
    r = random.Random(seed)
    cases = []
    for i in range(count):
        if i % 500 == 7:
            dt = np.dtype([("%0*d" % (r.choice([3, 40]), k) + r.choice(["", "\xe9", "\u65e5"]), "<f8") for k in range(1500)])
            nd = 1
        else:
            dt, nd = dtype(r, 3), r.choice([0, 1, 1, 2, 2, 3, 4, 6])
        while dt.subdtype or dt.itemsize > 50_000:
            dt = dtype(r, 1)
        shape = tuple(r.choice([0, 1, 2, 2, 3, 3, 5]) for _ in range(nd))
        parent = array(r, dt, shape, r.choice("CF"))
        version = None
        axes, cuts = list(range(nd)), None
        view = parent
        if r.random() < 0.5 and nd:
            r.shuffle(axes)
            cuts, slices = [], []
            for n in parent.transpose(axes).shape:
                lo, hi = sorted([r.randint(0, n), r.randint(0, n)])
                step = r.choice([1, 1, 2, 3, -1, -2])
                if lo == hi:
                    step = 1
                cuts.append([lo, hi, step] if step > 0 else [hi - 1, lo - 1, step])
                slices.append(slice(lo, hi, step) if step > 0 else slice(hi - 1, lo - 1 if lo else None, step))
            view = parent.transpose(axes)[tuple(slices)]
        base = os.path.join(folder, str(i))
        np.save(base + ".parent.npy", parent)
        with open(base + ".npy", "wb") as f:
            if r.random() < 0.3:
                version = r.choice([(1, 0), (2, 0), (3, 0)])
                try:
                    npy.write_array(f, view, version=version)
                except ValueError:  # does not fit into that version
                    f.seek(0)
                    f.truncate()
                    version = None
            if version is None:
                np.save(f, view)
        loaded = np.load(base + ".npy", max_header_size=1 << 20)
        assert loaded.dtype == view.dtype and loaded.shape == view.shape, (loaded.dtype, view.dtype)
        with open(base + ".raw", "wb") as f:
            f.write(loaded.tobytes() if dt.itemsize else b"")
        cases.append({
            "dtype": str(loaded.dtype), "shape": list(view.shape), "axes": axes, "cuts": cuts,
            "fortran": bool(view.flags.fnc), "version": version[0] if version else 0,
            "texts": [text(x, dt) for x in loaded.ravel()[:20]] if text(np.zeros((), dt)[()], dt) is not None else None,
        })
    with open(os.path.join(folder, "cases.json"), "w") as f:
        json.dump(cases, f)


def check(folder):
    with open(os.path.join(folder, "cases.json")) as f:
        cases = json.load(f)
    bad = 0
    for i, case in enumerate(cases):
        base = os.path.join(folder, str(i))
        want = np.load(base + ".npy", max_header_size=1 << 20)
        got = np.load(base + ".go.npy", max_header_size=1 << 20)
        same = (want.dtype == got.dtype and want.shape == got.shape and want.strides == got.strides
                and (want.dtype.itemsize == 0 or want.tobytes() == got.tobytes()))
        if not same:
            bad += 1
            print("case", i, "want", want.dtype, want.shape, want.strides, "got", got.dtype, got.shape, got.strides)
    print(len(cases), "compared,", bad, "different")


if sys.argv[1] == "make":
    make(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
else:
    check(sys.argv[2])
