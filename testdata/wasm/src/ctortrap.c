// ctortrap.c - a constructor that traps, so that _initialize fails.
#include "guest.h"

static volatile int32_t answer;

__attribute__((constructor)) static void construct(void) {
    answer = 7;
    __builtin_trap();
}

EXPORT("value") int32_t value(void) { return answer; }
