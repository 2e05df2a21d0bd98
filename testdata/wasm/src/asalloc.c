// asalloc.c - allocates as AssemblyScript does: objects belong to a garbage collector, unless they are pinned.
//
// The collector is the worst that a host can meet: it runs in every __new, frees whatever is not pinned, and overwrites
// it. A host that fills an object before it pins it loses it with the next one.
#include "heap.h"

// What stands before an object. AssemblyScript has the id 8 and the size 4 bytes before it, too.
typedef struct object {
    struct object *next; // of the same list
    size_t room;         // bytes that it may hold, a multiple of 16
    uint32_t pins;       // 0 or 1
    uint32_t unused[3];
    uint32_t id;   // of its class, as __new was told
    uint32_t size; // in bytes, as __new was told
} object;

_Static_assert(sizeof(object) == 32, "objects are aligned to 16");

static object *used, *unused; // lists
static int32_t collections;

static uintptr_t body(object *o) { return (uintptr_t)o + sizeof(object); }

// Only for what __new gave and the collector left: anything else traps.
static object *find(uintptr_t p) {
    for (object *o = used; o != NULL; o = o->next) {
        if (body(o) == p) return o;
    }
    __builtin_trap();
}

// Frees what is not pinned.
EXPORT("__collect") void collect(void) {
    collections++;
    for (object **at = &used; *at != NULL;) {
        object *o = *at;
        if (o->pins > 0) {
            at = &o->next;
            continue;
        }
        *at = o->next;
        o->next = unused;
        unused = o;
        __builtin_memset((void *)body(o), 0xDB, o->room);
    }
}

// An object of n bytes, all zero, aligned to 16. It traps when there is no memory.
EXPORT("__new") uintptr_t new_object(size_t n, uint32_t id) {
    collect();
    object **at = &unused, *o;
    while (*at != NULL && (*at)->room < n) at = &(*at)->next;
    if ((o = *at) != NULL) {
        *at = o->next;
    } else {
        if (n > SIZE_MAX - sizeof(object) - 15) __builtin_trap();
        o = (object *)bump(sizeof(object) + n);
        if (o == NULL) __builtin_trap();
        o->room = (n + 15) & ~(size_t)15;
    }
    __builtin_memset((void *)body(o), 0, o->room);
    o->pins = 0;
    o->id = id;
    o->size = n;
    o->next = used;
    used = o;
    return body(o);
}

// Keeps an object until __unpin. Like the original it traps when the object is pinned already.
EXPORT("__pin") uintptr_t pin(uintptr_t p) {
    if (p == 0) return 0;
    object *o = find(p);
    if (o->pins != 0) __builtin_trap();
    o->pins = 1;
    return p;
}

EXPORT("__unpin") void unpin(uintptr_t p) {
    if (p == 0) return;
    object *o = find(p);
    if (o->pins != 1) __builtin_trap();
    o->pins = 0;
}

// Objects that the collector has not freed.
EXPORT("live") int32_t live(void) {
    int32_t n = 0;
    for (object *o = used; o != NULL; o = o->next) n++;
    return n;
}

EXPORT("pinned") int32_t pinned(void) {
    int32_t n = 0;
    for (object *o = used; o != NULL; o = o->next) n += o->pins > 0;
    return n;
}

EXPORT("collected") int32_t collected(void) { return collections; }

EXPORT("class_id") uint32_t class_id(uintptr_t p) { return find(p)->id; }

EXPORT("sum") double sum(const double *x, size_t n) {
    REASSOCIATE
    double s = 0;
    for (size_t i = 0; i < n; i++) s += x[i];
    return s;
}

EXPORT("add") void add(const double *x, const double *y, double *z, size_t n) {
    for (size_t i = 0; i < n; i++) z[i] = x[i] + y[i];
}
