// data.c - data symbols: the linker exports the address of each as a global of its name.
#include "guest.h"

double weights[4] = {0.5, 0.25, 0.125, 0.125};
int32_t version = 10203;
const char greeting[] = "hello from a guest";
const char *motto = "one pointer further"; // the symbol is the pointer's own address
uint8_t blank[32];                          // zero, behind the data of the file

// These read the symbols, so that what the host writes there can be seen to arrive.
EXPORT("weighted") double weighted(const double *x) {
    double s = 0;
    for (size_t i = 0; i < 4; i++) s += weights[i] * x[i];
    return s;
}

EXPORT("get_version") int32_t get_version(void) { return *(volatile int32_t *)&version; }

EXPORT("set_version") void set_version(int32_t v) { version = v; }

EXPORT("get_motto") const char *get_motto(void) { return *(const char *volatile *)&motto; }
