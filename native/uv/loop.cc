// The dedicated uv_loop_t with its accounting; see loop.h.
#include "uv/loop.h"

#ifndef _WIN32
#include <poll.h>
#include <unistd.h>
#endif

#include "uv/handle.h"

namespace uvio {

int Loop::Init() {
  const int error = uv_loop_init(&loop_);
#ifndef _WIN32
  // libuv 1.46 (Node 20) forgets its epoll descriptor when a later step fails.
  constexpr unsigned kForgetful = (1u << 8) | 46u;
  if (error != 0 && uv_version() >> 8 == kForgetful && uv_backend_fd(&loop_) > 0) {
    close(uv_backend_fd(&loop_));
  }
#endif
  return error;
}

void Loop::Poll() {
  const uint64_t started = Now();
  const uint64_t spent_in_callbacks = callbacks.sum();
  uv_run(&loop_, UV_RUN_NOWAIT);
  // What the callbacks took is recorded with them; the poll is the rest.
  polls.Record(Now() - started - (callbacks.sum() - spent_in_callbacks));
}

void Loop::ResetCounts() {
  callbacks.Reset();
  polls.Reset();
  turns = 0;
  busy = 0;
  counted_since = Now();
}

bool Loop::BecomesReadable(uint64_t nanoseconds) const {
#if defined(_WIN32) || defined(__APPLE__)
  // Of poll() on a kqueue nobody says that it works.
  (void)nanoseconds;
  return false;
#else
  const uint64_t until = Now() + nanoseconds;
  pollfd backend{uv_backend_fd(&loop_), POLLIN, 0};
  while (poll(&backend, 1, 0) == 0) {
    if (Now() >= until) return false;
  }
  return true;
#endif
}

void Loop::CloseHandles() {
  uv_walk(
      &loop_, [](uv_handle_t* raw, void*) { Handle::From(raw)->Close(); }, nullptr);
}

bool Loop::TryClose() {
  uv_run(&loop_, UV_RUN_NOWAIT);
  return uv_loop_close(&loop_) == 0;
}

}  // namespace uvio
