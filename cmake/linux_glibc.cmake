# A prebuild for glibc, 2.17 and later (CentOS 7, Debian 8, Ubuntu 14.04): headers and libraries of the C library are
# those of an old one, in UVIO_TOOLCHAIN.

include(${CMAKE_CURRENT_LIST_DIR}/linux.cmake)
set(CMAKE_SYSROOT ${UVIO_TOOLCHAIN}/${UVIO_PROCESSOR}-unknown-linux-gnu/sysroot)
set(CMAKE_CXX_FLAGS_INIT
    "-include ${CMAKE_CURRENT_LIST_DIR}/old_libc.h -ffunction-sections -fdata-sections")
list(APPEND UVIO_PREBUILD_LINK
     -nodefaultlibs -L${CMAKE_SYSROOT}/usr/lib64 -L${CMAKE_SYSROOT}/lib64)
set(UVIO_PREBUILD_LIBRARIES
    ${UVIO_CXX_LIBRARY} ${UVIO_UNWINDER} ${UVIO_COMPILER_LIBRARY} -lm -lpthread -ldl -lc)
