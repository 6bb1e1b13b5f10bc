# A prebuild for Linux with glibc, 2.17 and later (CentOS 7, Debian 8, Ubuntu 14.04), by Debian's compiler.
#
# Headers and libraries of the C library are those of an old one (UVIO_TOOLCHAIN, a package of release/toolchains).
# The C++ library is the compiler's, linked statically, since an old system's is older than C++17. Its unwinder would ask
# for a new glibc, hence the toolchain's, which nothing calls: native/ is compiled without exceptions.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${UVIO_PROCESSOR})
set(CMAKE_CXX_COMPILER ${UVIO_PROCESSOR}-linux-gnu-g++)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES UVIO_TOOLCHAIN)

set(CMAKE_SYSROOT ${UVIO_TOOLCHAIN}/${UVIO_PROCESSOR}-unknown-linux-gnu/sysroot)
set(CMAKE_CXX_FLAGS_INIT
    "-include ${CMAKE_CURRENT_LIST_DIR}/old_glibc.h -ffunction-sections -fdata-sections")

file(GLOB UVIO_UNWINDER ${UVIO_TOOLCHAIN}/lib/gcc/${UVIO_PROCESSOR}-unknown-linux-gnu/*/libgcc_eh.a)
execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libstdc++.a
                OUTPUT_VARIABLE UVIO_CXX_LIBRARY OUTPUT_STRIP_TRAILING_WHITESPACE)
set(UVIO_PREBUILD_SOURCES ${CMAKE_CURRENT_LIST_DIR}/old_glibc.cc)
set(UVIO_PREBUILD_LINK
    -nodefaultlibs -s -L${CMAKE_SYSROOT}/usr/lib64 -L${CMAKE_SYSROOT}/lib64
    -Wl,-u,__cxa_pure_virtual -Wl,--gc-sections -Wl,--exclude-libs,ALL
    -Wl,--version-script=${CMAKE_CURRENT_LIST_DIR}/exports.map)
set(UVIO_PREBUILD_LIBRARIES ${UVIO_CXX_LIBRARY} ${UVIO_UNWINDER} -lgcc -lm -lpthread -ldl -lc)
