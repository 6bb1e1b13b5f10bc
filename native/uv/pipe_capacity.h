// How much one end of a child's pipe lets the kernel hold: four times the usual, once it was full.
//
// A pipe holds 64 KiB, so that bulk data cost a wake-up of both sides for each of them. Pipes that
// are never full stay as they are, and of a process only so many are large at a time: the kernel
// gives a user 64 MiB for all pipes, and beyond that no more than two pages to each new one.
#ifndef UVIO_UV_PIPE_CAPACITY_H_
#define UVIO_UV_PIPE_CAPACITY_H_

#include <uv.h>

namespace uvio {

class PipeCapacity {
 public:
  PipeCapacity() = default;
  PipeCapacity(const PipeCapacity&) = delete;
  PipeCapacity& operator=(const PipeCapacity&) = delete;
  ~PipeCapacity();

  // The pipe is our own: Grow() may make it larger.
  void Allow() { state_ = kMayGrow; }
  // The pipe was full. Fails in silence: what fits is enough to go on with.
  void Grow(uv_os_fd_t descriptor);

 private:
  enum State { kFixed, kMayGrow, kGrown };

  State state_ = kFixed;
};

}  // namespace uvio

#endif  // UVIO_UV_PIPE_CAPACITY_H_
