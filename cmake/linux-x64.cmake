# linux-x64, glibc; see linux_glibc.cmake.
set(UVIO_PROCESSOR x86_64)
include(${CMAKE_CURRENT_LIST_DIR}/linux_glibc.cmake)
