// How much one end of a child's pipe lets the kernel hold; see pipe_capacity.h.
#include "uv/pipe_capacity.h"

#ifdef __linux__
#include <fcntl.h>

#include <atomic>
#endif

namespace uvio {

#ifdef __linux__

namespace {

constexpr int kLargeSize = 256 * 1024;

// 16 MiB in all: a quarter of what a user has.
constexpr int kMostLargePipes = 64;

// Of all loops of the process.
std::atomic<int> large_pipes{0};

}  // namespace

PipeCapacity::~PipeCapacity() {
  if (state_ == kGrown) large_pipes--;
}

void PipeCapacity::Grow(uv_os_fd_t descriptor) {
  if (state_ != kMayGrow) return;
  state_ = kFixed;
  if (++large_pipes <= kMostLargePipes && fcntl(descriptor, F_SETPIPE_SZ, kLargeSize) > 0) {
    state_ = kGrown;
  } else {
    large_pipes--;
  }
}

#else

PipeCapacity::~PipeCapacity() = default;
void PipeCapacity::Grow(uv_os_fd_t) {}

#endif

}  // namespace uvio
