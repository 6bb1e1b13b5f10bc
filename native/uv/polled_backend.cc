// A thread that waits for the dedicated loop's events; see polled_backend.h.
#include "uv/polled_backend.h"

#ifndef UVIO_EMBEDDED

#include <algorithm>
#include <climits>

#include "base/check.h"

namespace uvio {

namespace {

constexpr uint64_t kMillisecond = 1000000;  // ns

}  // namespace

int PolledBackend::Init(uv_loop_t* host, Loop* loop, Callback callback, void* data) {
  loop_ = loop;
  int error = wait_.Init(loop->raw());
  if (error != 0) return error;
  error = uv_thread_create(
      &thread_, [](void* self) { static_cast<PolledBackend*>(self)->Run(); }, this);
  if (error != 0) return error;
  UVIO_CHECK(uv_async_init(host, &async_, callback) == 0);
  async_.data = data;
  return 0;
}

void PolledBackend::Rearm() {
  uv_update_time(loop_->raw());
  const int timeout = uv_backend_timeout(loop_->raw());
  const uint64_t until =
      timeout < 0 ? UINT64_MAX : Loop::Now() + static_cast<uint64_t>(timeout) * kMillisecond;
  std::unique_lock<std::mutex> lock(mutex_);
  asked_ = true;
  until_ = until;
  const bool resting = !waiting_;
  const bool too_long = waiting_ && until < waiting_until_;
  // The thread would wake only to wait for the lock.
  lock.unlock();
  if (resting) changed_.notify_all();
  if (too_long) wait_.Interrupt();
}

void PolledBackend::Stop() {
  std::unique_lock<std::mutex> lock(mutex_);
  asked_ = false;
  if (waiting_) wait_.Interrupt();
  changed_.wait(lock, [this] { return !waiting_; });
}

void PolledBackend::End() {
  Stop();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  uv_thread_join(&thread_);
}

void PolledBackend::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return asked_ || ending_; });
    if (ending_) return;
    const uint64_t now = Loop::Now();
    bool due = now >= until_;
    if (!due) {
      const uint64_t milliseconds = (until_ - now - 1) / kMillisecond + 1;
      waiting_ = true;
      waiting_until_ = until_;
      lock.unlock();
      due = wait_.Wait(static_cast<int>(std::min<uint64_t>(milliseconds, INT_MAX)));
      lock.lock();
      waiting_ = false;
      if (!asked_) changed_.notify_all();
    }
    // It was interrupted, else, or the time is up: what is asked for now decides.
    if (!due || !asked_) continue;
    asked_ = false;
    // So would the host.
    lock.unlock();
    uv_async_send(&async_);
    lock.lock();
  }
}

}  // namespace uvio

#endif  // !UVIO_EMBEDDED
