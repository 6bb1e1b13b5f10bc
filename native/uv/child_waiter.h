// A thread that waits for one child, where the kernel has no pidfds: Linux before 5.4, a sandbox,
// an emulator, macOS.
//
// Begun before its child, so that none is started that cannot be watched. It leaves the child to be
// reaped (WNOWAIT) and touches no other: no SIGCHLD is handled. It ends with its child; the process
// may end before. Invariant: the descriptor is readable only when the thread needs the pid no more.
#ifndef UVIO_UV_CHILD_WAITER_H_
#define UVIO_UV_CHILD_WAITER_H_

#ifndef _WIN32

#include "uv/child_watch.h"
#include "uv/unique_descriptor.h"

namespace uvio {

class ChildWaiter {
 public:
  ChildWaiter() = default;
  // Ends the thread if it has got no child.
  ~ChildWaiter();
  ChildWaiter(const ChildWaiter&) = delete;
  ChildWaiter& operator=(const ChildWaiter&) = delete;

  // Starts the thread. 0 or a negative code.
  int Begin();
  // Gives the thread its child.
  ChildWatch Watch(int pid);

 private:
  struct Job;
  static void Run(void* job);

  // Null while there is no thread that has no child. The thread owns it.
  Job* job_ = nullptr;
  UniqueDescriptor exit_;
};

}  // namespace uvio

#endif  // !_WIN32

#endif  // UVIO_UV_CHILD_WAITER_H_
