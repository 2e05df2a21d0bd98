// ctor.c - a constructor, which _initialize must run before the first call. Without it value() is 0.
#include "guest.h"

static volatile int32_t answer; // volatile: otherwise the compiler runs the constructor and stores a 7

__attribute__((constructor)) static void construct(void) { answer = 7; }

EXPORT("value") int32_t value(void) { return answer; }
