// Invariant checks that stay on in release builds.
//
// A broken invariant in native code is memory corruption waiting to happen, so it ends the process
// at once with the place and the condition, as libuv's and Node's own checks do. It is never used
// for anything a caller can cause: bad input is a returned error code.
#ifndef UVIO_BASE_CHECK_H_
#define UVIO_BASE_CHECK_H_

#include <cstdio>
#include <cstdlib>

#define UVIO_CHECK(condition)                                                                  \
  do {                                                                                         \
    if (!(condition)) {                                                                        \
      std::fprintf(stderr, "uvio: %s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                            \
    }                                                                                          \
  } while (0)

#endif  // UVIO_BASE_CHECK_H_
