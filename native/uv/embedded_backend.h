// The dedicated loop's backend descriptor, polled on the host's loop: no second thread, no
// hand-over.
//
// Its deadline makes the descriptor readable, too (timer.h), so the host need not be told of it.
// Invariant: between Start() and Stop() the callback comes as long as the descriptor is readable.
#ifndef UVIO_UV_EMBEDDED_BACKEND_H_
#define UVIO_UV_EMBEDDED_BACKEND_H_

#include <uv.h>

#include "base/check.h"
#include "uv/loop.h"

namespace uvio {

class EmbeddedBackend {
 public:
  using Callback = uv_poll_cb;
  // Whether a deadline that moves wakes the host by itself.
  static constexpr bool kSeesDeadlines = true;

  int Init(uv_loop_t* host, Loop* loop, Callback callback, void* data) {
    callback_ = callback;
    poll_.data = data;
    return uv_poll_init(host, &poll_, uv_backend_fd(loop->raw()));
  }
  uv_handle_t* handle() { return reinterpret_cast<uv_handle_t*>(&poll_); }

  void Start() { UVIO_CHECK(uv_poll_start(&poll_, UV_READABLE, callback_) == 0); }
  // The loop may be closed after it.
  void Stop() { uv_poll_stop(&poll_); }
  // After a turn, when nothing is left to do without a new event.
  void Rearm() {}
  // Before the handle is closed.
  void End() {}

 private:
  Callback callback_ = nullptr;
  uv_poll_t poll_{};
};

}  // namespace uvio

#endif  // UVIO_UV_EMBEDDED_BACKEND_H_
