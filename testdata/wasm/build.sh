#!/usr/bin/env bash
# build.sh - builds the wasm fixtures from src/ and the signatures in *.sig with clang, wasm-ld and wasi-libc, and those of
# hostile/ from *.wat there with wat2wasm.
#
#   build.sh            build into this folder and record the tools in TOOLCHAIN
#   build.sh DIR        build into DIR, sidecars included
#   build.sh --check    rebuild elsewhere. Same tools as TOOLCHAIN: compare byte for byte, exit 1 on a difference.
#                       Other tools: keep the rebuilt files and print where, for
#                       WASMFFI_FIXTURES=DIR go test ./testdata/wasm
#                       Another wabt: hostile/ is rebuilt and not compared
#
# Debian: apt-get install clang-19 lld-19 llvm-19 wasi-libc wabt. Other places: set CLANG, WASM_LD, OBJCOPY, WAT2WASM,
# WASI_INCLUDE, WASI_LIB.
set -euo pipefail
export LC_ALL=C

CLANG=${CLANG:-clang-19}
WASM_LD=${WASM_LD:-wasm-ld-19}
OBJCOPY=${OBJCOPY:-llvm-objcopy-19}
WAT2WASM=${WAT2WASM:-wat2wasm}
WASI_INCLUDE=${WASI_INCLUDE:-/usr/include/wasm32-wasi}
WASI_LIB=${WASI_LIB:-/usr/lib/wasm32-wasi}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

modules=(vec sigs scalars traps exit mem noalloc badalloc ctor ctortrap
    imports data asalloc bindgen sbrk callback callfixed)
# Hostile guests: hostile/NAME.wat.
hostile=()
for file in "$here"/hostile/*.wat; do
    hostile+=("$(basename "$file" .wat)")
done
# NAME: the source and the signatures, where those are another module's.
declare -A source=([callfixed]=callback)
# NAME: linker flags beyond the common ones.
declare -A extra=(
    [vec]="--export=malloc --export=free"
    [sigs]="--export=malloc --export=free --export-table --growable-table"
    [traps]="--export=malloc --export=free --export-table --growable-table"
    [exit]="--export=malloc --export=free"
    [mem]="--export=malloc --export=free --export=table"
    [imports]="--export=malloc --export=free"
    [callback]="--export=malloc --export=free --export-table --growable-table"
    [callfixed]="--export=malloc --export=free"
    [data]="--export=malloc --export=free --export=weights --export=version --export=greeting --export=motto --export=blank"
)

# -nostdlibinc: the clang of a distribution otherwise falls through to the headers of the host.
# -disable-lsr, -force-vector-interleave: wazero checks bounds once per base address, so loops should use few of them.
# -fno-ident: no compiler version in the objects.
compile=(
    --target=wasm32-wasi -nostdlibinc -isystem "$WASI_INCLUDE" -I ../../../tools/guest -std=c17 -Wall -Wextra -fno-ident
    -O3 -msimd128 -mbulk-memory -mno-nontrapping-fptoint
    -mllvm -disable-lsr -mllvm -force-vector-interleave=8
)

# A reactor: crt1-reactor.o has _initialize, which runs the constructors. Linked by hand, because the clang driver runs
# wasm-opt where it finds one. Stack first, so that its overflow traps and does not overwrite data.
link=(
    -m wasm32 --entry=_initialize --fatal-warnings --strip-debug
    --stack-first -z stack-size=1048576 --export=__stack_pointer --export=__heap_base
)

fail() {
    echo "build.sh: $*" >&2
    exit 2
}

# What the bytes depend on. The version of wasi-libc is that of its files: the library does not tell.
toolchain() {
    "$CLANG" --version | head -n 1
    "$WASM_LD" --version | head -n 1
    echo "wasi-libc $(cat "$WASI_LIB/crt1-reactor.o" "$WASI_LIB/libc.a" | sha256sum | cut -c 1-16)"
    assembler
}

# What the bytes of hostile/ depend on: the last line of toolchain.
assembler() {
    echo "wabt $("$WAT2WASM" --version)"
}

# signatures NAME SOURCE: an object with the custom section wasmffi, made of the sidecar of SOURCE without its comments. The
# section is generated and not written with the macro of tools/guest, so that each signature stands in one place.
signatures() {
    grep -v '^#' "$here/$2.sig" | grep . >"$work/$1.txt"
    printf '.section .custom_section.wasmffi,"",@\n.incbin "%s"\n' "$work/$1.txt" >"$work/$1.s"
    "$CLANG" --target=wasm32-wasi -c "$work/$1.s" -o "$work/$1.sig.o"
}

# build DIR: every module and its sidecar. Sources are named relative to src, so that no path gets into the output.
build() {
    local out=$1 name from
    mkdir -p "$out"
    out=$(cd "$out" && pwd)
    cd "$here/src"
    for name in "${modules[@]}"; do
        from=${source[$name]:-$name}
        "$CLANG" "${compile[@]}" -c "$from.c" -o "$work/$name.o"
        signatures "$name" "$from"
        # shellcheck disable=SC2086 # the flags of a module are words
        "$WASM_LD" "${link[@]}" ${extra[$name]:-} "$WASI_LIB/crt1-reactor.o" "$work/$name.o" "$work/$name.sig.o" \
            -L "$WASI_LIB" -lc -o "$work/$name.wasm"
        "$OBJCOPY" --remove-section=producers "$work/$name.wasm"
        install -m 644 "$work/$name.wasm" "$out/$name.wasm"
        [ "$out/$name.sig" -ef "$here/$from.sig" ] || install -m 644 "$here/$from.sig" "$out/$name.sig"
    done
    cd "$here"
    assemble "$out/hostile"
}

# assemble DIR: every module of hostile/. Those that say in their first line that they are invalid are not checked.
assemble() {
    local name check
    mkdir -p "$1"
    for name in "${hostile[@]}"; do
        check=
        if head -n 1 "$here/hostile/$name.wat" | grep -q '^;; Invalid:'; then check=--no-check; fi
        "$WAT2WASM" --enable-all $check "$here/hostile/$name.wat" -o "$1/$name.wasm"
    done
}

# compare DIR FILE...: fails where files of DIR are not those that are committed.
compare() {
    local dir=$1 file differing=()
    for file in "${@:2}"; do
        cmp -s "$here/$file" "$dir/$file" || differing+=("$file")
    done
    [ ${#differing[@]} -eq 0 ] || {
        echo "build.sh: differs from a rebuild with the same tools: ${differing[*]} (rebuilt files are in $dir)" >&2
        exit 1
    }
}

for tool in "$CLANG" "$WASM_LD" "$OBJCOPY" "$WAT2WASM"; do
    command -v "$tool" >/dev/null ||
        fail "$tool not found: install clang-19, lld-19, llvm-19 and wabt, or set CLANG, WASM_LD, OBJCOPY, WAT2WASM"
done
[ -f "$WASI_LIB/crt1-reactor.o" ] || fail "no crt1-reactor.o in $WASI_LIB: install wasi-libc, or set WASI_LIB and WASI_INCLUDE"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

case ${1:-} in
--check)
    [ $# -eq 1 ] || fail "--check takes no further argument, got: ${*:2}"
    fresh=$(mktemp -d)
    build "$fresh"
    recorded=$(cat "$here/TOOLCHAIN" 2>/dev/null || true)
    if [ "$(assembler)" = "$(tail -n 1 <<<"$recorded")" ]; then
        files=("${hostile[@]/#/hostile/}")
        compare "$fresh" "${files[@]/%/.wasm}"
        echo "build.sh: ${#hostile[@]} hostile modules rebuilt with the recorded wabt, every byte the same"
    else
        echo "build.sh: another wabt than TOOLCHAIN records, hostile/ not compared"
    fi
    if [ "$(toolchain | head -n -1)" != "$(head -n -1 <<<"$recorded")" ]; then
        echo "build.sh: other tools than TOOLCHAIN records, bytes not compared; rebuilt files are in $fresh"
        exit 0
    fi
    compare "$fresh" "${modules[@]/%/.wasm}" "${modules[@]/%/.sig}"
    rm -rf "$fresh"
    echo "build.sh: ${#modules[@]} modules rebuilt with the recorded tools, every byte the same"
    ;;
-*) fail "unknown option $1, want nothing, a directory, or --check" ;;
*)
    [ $# -le 1 ] || fail "want at most one directory, got: $*"
    build "${1:-$here}"
    if [ "$(cd "${1:-$here}" && pwd)" = "$here" ]; then
        toolchain >"$here/TOOLCHAIN"
    fi
    echo "build.sh: built ${#modules[@]} modules: ${modules[*]}; ${#hostile[@]} hostile ones"
    ;;
esac
