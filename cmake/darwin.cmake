# A prebuild for macOS, 11.0 and later, by zig's clang (release/zig), which has Apple's headers and a C++ library of its
# own, linked statically. Its linker signs for arm64, ad hoc, without which nothing is loaded there.
#
# On a Mac nothing of this is needed: Xcode's clang builds by binding.gyp.

set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_CXX_COMPILER ${UVIO_TOOLCHAIN}/linux-x64/bin/zig c++)
set(CMAKE_CXX_COMPILER_TARGET ${UVIO_ZIG_TARGET})
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES UVIO_TOOLCHAIN)
# Apple's SDK and the tool that renames libraries: asked for by CMake, and not needed.
set(CMAKE_OSX_SYSROOT "")
set(CMAKE_INSTALL_NAME_TOOL ${CMAKE_COMMAND})
# Not where it was built.
set(CMAKE_BUILD_WITH_INSTALL_NAME_DIR ON)
set(CMAKE_INSTALL_NAME_DIR @rpath)

# The operators new and delete are the addon's own (darwin_new.cc).
set(CMAKE_CXX_FLAGS_INIT "-fvisibility-global-new-delete=force-hidden")
set(UVIO_PREBUILD_SOURCES ${CMAKE_CURRENT_LIST_DIR}/darwin_new.cc)
set(UVIO_PREBUILD_LINK -s -Wl,-dead_strip)
