// A running child: watched through its descriptor until it has exited and been reaped.
//
// No SIGCHLD is handled and no other child ever waited for. Invariant: while the object is open
// and has not told of the exit, the child has not been reaped. Closed before, it kills the child,
// unless it is to be left, and hands it to the orphanage to be reaped.
#ifndef UVIO_UV_CHILD_H_
#define UVIO_UV_CHILD_H_

#include <uv.h>

#include <cstdint>

#include "uv/child_watch.h"
#include "uv/handle.h"
#include "uv/loop.h"

namespace uvio {

struct ChildStatus {
  // The exit code, or minus the signal's number.
  int code = 0;
  bool core_dumped = false;
  // Microseconds, and bytes.
  uint64_t user_time = 0;
  uint64_t system_time = 0;
  uint64_t max_rss = 0;
};

class ChildListener : public HandleListener {
 public:
  // Once. An error when somebody else has reaped the child, and nobody knows the status.
  virtual void OnExited(int error, const ChildStatus& status) = 0;

 protected:
  ~ChildListener() = default;
};

class Child final : public Handle {
 public:
  // Takes the watch only when it succeeds.
  static int Create(Loop* loop, ChildWatch* watch, bool leave_running, ChildListener* listener,
                    Child** child);

  // UV_ESRCH once it has exited.
  int Kill(int signal) const;

 private:
  Child(bool leave_running, ChildListener* listener);
  ~Child() override = default;

  void OnReadable();
  void OnClosing() override;
  void DropListener() override { listener_ = nullptr; }

  // Not initialized here: Handle's constructor has set its data already.
  uv_poll_t poll_;
  ChildWatch watch_;
  [[maybe_unused]] bool leave_running_;
  [[maybe_unused]] bool exited_ = false;
  ChildListener* listener_;
};

}  // namespace uvio

#endif  // UVIO_UV_CHILD_H_
