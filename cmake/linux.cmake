# What all prebuilds for Linux have in common: Debian's compiler, its C++ library linked statically, and an old unwinder.
#
# The compiler's own unwinder asks for glibc 2.35; that of UVIO_TOOLCHAIN (a package of release/toolchains) does not.
# Nothing calls it: native/ is compiled without exceptions.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${UVIO_PROCESSOR})
set(CMAKE_CXX_COMPILER ${UVIO_PROCESSOR}-linux-gnu-g++)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES UVIO_TOOLCHAIN)

function(ask_compiler variable name)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=${name}
                  OUTPUT_VARIABLE file OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(${variable} ${file} PARENT_SCOPE)
endfunction()

ask_compiler(UVIO_CXX_LIBRARY libstdc++.a)
ask_compiler(UVIO_COMPILER_LIBRARY libgcc.a)
ask_compiler(UVIO_BEGIN crtbeginS.o)
ask_compiler(UVIO_END crtendS.o)
file(GLOB UVIO_UNWINDER ${UVIO_TOOLCHAIN}/lib/gcc/${UVIO_PROCESSOR}-unknown-linux-gnu/*/libgcc_eh.a)
set(UVIO_PREBUILD_SOURCES ${CMAKE_CURRENT_LIST_DIR}/old_libc.cc)
set(UVIO_PREBUILD_LINK
    -s -Wl,-u,__cxa_pure_virtual -Wl,--gc-sections -Wl,--exclude-libs,ALL
    -Wl,--version-script=${CMAKE_CURRENT_LIST_DIR}/exports.map)
