// What the C++ library in a prebuild takes from a glibc newer than the C library that is built for.

extern "C" {
// Whether the process has one thread only (glibc 2.32), for counters that need not be atomic then. Never claimed.
extern char __libc_single_threaded;
char __libc_single_threaded = 0;
}
