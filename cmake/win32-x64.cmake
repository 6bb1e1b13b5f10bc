# win32-x64: for node.exe, by Debian's mingw-w64 with its C++ and thread libraries linked statically.
#
# What the addon takes from Node (Node-API, libuv) is imported from node.exe; see node_exports.cmake.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR AMD64)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(UVIO_DLLTOOL x86_64-w64-mingw32-dlltool)

# libuv's header takes what Windows 10 declares; Node 20 runs on nothing older.
set(CMAKE_CXX_FLAGS_INIT "-D_WIN32_WINNT=0x0A00 -ffunction-sections -fdata-sections")
set(UVIO_PREBUILD_SOURCES ${CMAKE_CURRENT_LIST_DIR}/host_executable.cc)
set(UVIO_PREBUILD_LINK -s -static -Wl,--gc-sections)
set(UVIO_PREBUILD_LIBRARIES ${CMAKE_BINARY_DIR}/libnode.a ws2_32)
