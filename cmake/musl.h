// Included before everything in the prebuild for musl: what the headers of Debian's libstdc++ expect of glibc's.
#pragma once

#define __GLIBC_PREREQ(major, minor) 0
#include <locale.h>
#define __locale_t locale_t
#include "old_libc.h"
