// Included before everything in prebuilds: what Debian's libstdc++ takes from a glibc newer than the one that a
// prebuild may ask for (2.17). Nothing in native/ needs it; its headers name it in inline functions.
#include <bits/c++config.h>
#undef _GLIBCXX_USE_PTHREAD_COND_CLOCKWAIT
#undef _GLIBCXX_USE_PTHREAD_MUTEX_CLOCKLOCK
#undef _GLIBCXX_USE_PTHREAD_RWLOCK_CLOCKLOCK
