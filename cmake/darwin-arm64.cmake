# darwin-arm64; see darwin.cmake.
set(CMAKE_SYSTEM_PROCESSOR arm64)
set(UVIO_ZIG_TARGET aarch64-macos.11.0)
include(${CMAKE_CURRENT_LIST_DIR}/darwin.cmake)
