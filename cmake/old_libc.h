// Included before everything in prebuilds: what the headers of Debian's libstdc++ take from a glibc newer than the C
// library that is built for. Nothing in native/ needs it; they name it in inline functions.
#pragma once

// Threads are there, whether or not a symbol of glibc's says so that other C libraries lack.
#define _GLIBCXX_GTHREAD_USE_WEAK 0
#include <bits/c++config.h>
#undef _GLIBCXX_USE_PTHREAD_COND_CLOCKWAIT
#undef _GLIBCXX_USE_PTHREAD_MUTEX_CLOCKLOCK
#undef _GLIBCXX_USE_PTHREAD_RWLOCK_CLOCKLOCK
