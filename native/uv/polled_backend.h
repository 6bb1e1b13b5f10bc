// A thread that waits for the dedicated loop's events, for systems where the host's loop cannot.
//
// Windows' libuv has no backend descriptor, and elsewhere its timers do not make one readable. The
// thread waits (backend_wait.h), at most until libuv's next timer, and wakes the host by a
// uv_async_t; what happened is left for the host's thread, which gives the loop its turn. Then the
// thread rests until the turn is over. Invariants: the thread never runs the loop; after Stop() it
// does not touch it; no call waits for an event.
#ifndef UVIO_UV_POLLED_BACKEND_H_
#define UVIO_UV_POLLED_BACKEND_H_

#include <uv.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "uv/backend_wait.h"
#include "uv/loop.h"

namespace uvio {

class PolledBackend {
 public:
  using Callback = uv_async_cb;
  // A deadline that moves is seen with the next Rearm().
  static constexpr bool kSeesDeadlines = false;

  // Leaves nothing behind when it fails.
  int Init(uv_loop_t* host, Loop* loop, Callback callback, void* data);
  uv_handle_t* handle() { return reinterpret_cast<uv_handle_t*>(&async_); }

  void Start() { Rearm(); }
  // The loop may be closed after it.
  void Stop();
  // After a turn: one callback comes when there is something to do.
  void Rearm();
  // Before the handle is closed: ends the thread.
  void End();

 private:
  void Run();

  Loop* loop_ = nullptr;
  BackendWait wait_;
  uv_async_t async_{};
  uv_thread_t thread_{};

  std::mutex mutex_;
  std::condition_variable changed_;
  // The host wants to be woken, at this moment (of uv_hrtime's clock) at the latest.
  bool asked_ = false;
  uint64_t until_ = 0;
  // The thread waits for events, until then.
  bool waiting_ = false;
  uint64_t waiting_until_ = 0;
  bool ending_ = false;
};

}  // namespace uvio

#endif  // UVIO_UV_POLLED_BACKEND_H_
