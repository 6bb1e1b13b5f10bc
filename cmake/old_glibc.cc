// What the compiler's C++ library takes from a glibc newer than the one that a prebuild may ask for (2.17).

extern "C" {
// Whether the process has one thread only (glibc 2.32), for counters that need not be atomic then. Never claimed.
extern char __libc_single_threaded;
char __libc_single_threaded = 0;
}
