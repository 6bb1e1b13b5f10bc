// How a child of this process is known until it has been reaped: by its pidfd, or, where there is
// none, by its pid together with a descriptor that a waiting thread makes readable.
//
// Either way the descriptor is readable once the child has exited, and only the owner of the object
// reaps. Invariant: without a pidfd, nobody of ours uses the pid any more once it has been reaped.
#ifndef UVIO_UV_CHILD_WATCH_H_
#define UVIO_UV_CHILD_WATCH_H_

#include "uv/exit_wait.h"
#include "uv/unique_descriptor.h"

namespace uvio {

class ChildWatch {
 public:
  // Of no child.
  ChildWatch() = default;
  explicit ChildWatch(int pidfd) : descriptor_(pidfd) {}
  ChildWatch(int pid, UniqueDescriptor exit) : descriptor_(std::move(exit)), pid_(pid) {}

  // Readable when the child has exited; -1 when there is no child.
  int descriptor() const { return descriptor_.get(); }

#ifndef _WIN32
  // 0 or a negative code.
  int Signal(int signal) const;
  // Reaps the child if it has exited, or waits for that without WNOHANG: `info->si_pid` is 0 when
  // it has not. An error means that somebody else has reaped it.
  int Reap(siginfo_t* info, rusage* usage, int options) const;
#endif

 private:
  UniqueDescriptor descriptor_;
  // 0 where the descriptor is a pidfd.
  [[maybe_unused]] int pid_ = 0;
};

}  // namespace uvio

#endif  // UVIO_UV_CHILD_WATCH_H_
