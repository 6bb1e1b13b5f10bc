// Readiness of a descriptor that belongs to somebody else: uv_poll_t, level-triggered.
//
// It watches a duplicate of the descriptor, which it owns, for two reasons: libuv aborts when a
// watched descriptor is closed behind its back, and the kernel goes on reporting a closed one whose
// file is still open elsewhere, under a number that cannot be disarmed any more. The price is that
// the file stays open until the watcher is closed. Nothing about the descriptor is changed, not
// even its blocking mode. Unix systems only.
#ifndef UVIO_UV_POLL_H_
#define UVIO_UV_POLL_H_

#include <uv.h>

#include <cstdint>

#include "uv/handle.h"
#include "uv/loop.h"

namespace uvio {

class PollListener : public HandleListener {
 public:
  // UV_READABLE and UV_WRITABLE of what is watched; UV_EBADF when the descriptor was closed
  // meanwhile, after which nothing is watched any more.
  virtual void OnReady(int events) = 0;

 protected:
  ~PollListener() = default;
};

class Poll final : public Handle {
 public:
  // UV_EPERM for what cannot be polled, as a regular file.
  static int Create(Loop* loop, int descriptor, PollListener* listener, Poll** poll);

  // What to watch from now on; 0 for nothing.
  int Watch(int events);

  // Whether the descriptor still is what it was when the watcher was made.
  bool IsCurrent() const;

 private:
  Poll(int original, int duplicate, PollListener* listener);
  ~Poll() override = default;

  void Ready(int status, int events);
  void OnClosing() override;
  void DropListener() override { listener_ = nullptr; }

  // Not initialized here: Handle's constructor has set its data already.
  uv_poll_t poll_;
  PollListener* listener_;
  int original_;
  int duplicate_;
  int watched_ = 0;
  uint64_t device_ = 0;
  uint64_t inode_ = 0;
};

}  // namespace uvio

#endif  // UVIO_UV_POLL_H_
