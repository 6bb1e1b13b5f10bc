# linux-x64-musl: for musl, by Debian's compiler with the headers and the library of its package musl-dev.
#
# The C++ library is the compiler's, linked statically. It was built for glibc; what native/ takes of it (memory, strings,
# trees, condition variables) asks for nothing that musl lacks, and the sizes of their types are the same on x64.
set(UVIO_PROCESSOR x86_64)
set(UVIO_MUSL /usr/lib/x86_64-linux-musl)
include(${CMAKE_CURRENT_LIST_DIR}/linux.cmake)

execute_process(COMMAND ${CMAKE_CXX_COMPILER} -dumpversion
                OUTPUT_VARIABLE UVIO_GCC OUTPUT_STRIP_TRAILING_WHITESPACE)
# The kernel's headers without those of glibc beside them.
set(UVIO_KERNEL ${CMAKE_BINARY_DIR}/kernel)
file(MAKE_DIRECTORY ${UVIO_KERNEL})
file(CREATE_LINK /usr/include/linux ${UVIO_KERNEL}/linux SYMBOLIC)
file(CREATE_LINK /usr/include/asm-generic ${UVIO_KERNEL}/asm-generic SYMBOLIC)
file(CREATE_LINK /usr/include/x86_64-linux-gnu/asm ${UVIO_KERNEL}/asm SYMBOLIC)
string(JOIN " " CMAKE_CXX_FLAGS_INIT
       -nostdinc -include ${CMAKE_CURRENT_LIST_DIR}/musl.h
       -isystem /usr/include/c++/${UVIO_GCC}
       -isystem /usr/include/x86_64-linux-gnu/c++/${UVIO_GCC}
       -isystem /usr/include/x86_64-linux-musl
       -isystem /usr/lib/gcc/x86_64-linux-gnu/${UVIO_GCC}/include
       -isystem ${UVIO_KERNEL} -ffunction-sections -fdata-sections)
list(APPEND UVIO_PREBUILD_LINK -nostdlib ${UVIO_MUSL}/crti.o ${UVIO_BEGIN})
set(UVIO_PREBUILD_LIBRARIES
    ${UVIO_CXX_LIBRARY} ${UVIO_UNWINDER} ${UVIO_COMPILER_LIBRARY} ${UVIO_MUSL}/libc.so
    ${UVIO_END} ${UVIO_MUSL}/crtn.o)
