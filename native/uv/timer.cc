// One native deadline; see timer.h.
#include "uv/timer.h"

#include "base/check.h"

#ifdef __linux__
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace uvio {

void Timer::Fire() {
  armed_ = false;
  if (listener_ != nullptr) listener_->OnDeadline();
}

#ifdef __linux__

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see poll_
Timer::Timer(int descriptor, TimerListener* listener)
    : Handle(reinterpret_cast<uv_handle_t*>(&poll_), nullptr),
      descriptor_(descriptor),
      listener_(listener) {}

// libuv forbids closing a polled descriptor before the poll handle's close callback.
Timer::~Timer() { close(descriptor_); }

int Timer::Create(Loop* loop, uv_loop_t*, TimerListener* listener, Timer** timer) {
  const int descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (descriptor < 0) return -errno;
  auto* created = new Timer(descriptor, listener);
  const int error = uv_poll_init(loop->raw(), &created->poll_, descriptor);
  if (error != 0) {
    delete created;
    return error;
  }
  UVIO_CHECK(uv_poll_start(&created->poll_, UV_READABLE, OnReadable) == 0);
  *timer = created;
  return 0;
}

void Timer::OnReadable(uv_poll_t* poll, int, int) {
  auto* self = static_cast<Timer*>(From(reinterpret_cast<uv_handle_t*>(poll)));
  uint64_t expirations;
  // Nothing to read means that the deadline was moved after the kernel reported it.
  if (read(self->descriptor_, &expirations, sizeof(expirations)) == sizeof(expirations)) {
    self->Fire();
  }
}

int Timer::Arm(uint64_t deadline) {
  constexpr uint64_t kSecond = 1000000000;
  itimerspec spec{};
  spec.it_value.tv_sec = static_cast<time_t>(deadline / kSecond);
  spec.it_value.tv_nsec = static_cast<long>(deadline % kSecond);
  if (timerfd_settime(descriptor_, TFD_TIMER_ABSTIME, &spec, nullptr) != 0) return -errno;
  armed_ = deadline != 0;
  return 0;
}

#else

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see active_
Timer::Timer(TimerListener* listener)
    : Handle(reinterpret_cast<uv_handle_t*>(&active_), nullptr), listener_(listener) {}

int Timer::Create(Loop* loop, uv_loop_t* host, TimerListener* listener, Timer** timer) {
  auto* created = new Timer(listener);
  UVIO_CHECK(uv_prepare_init(loop->raw(), &created->active_) == 0);
  UVIO_CHECK(uv_prepare_start(&created->active_, [](uv_prepare_t*) {}) == 0);
  created->timer_ = new uv_timer_t;
  UVIO_CHECK(uv_timer_init(host, created->timer_) == 0);
  created->timer_->data = created;
  *timer = created;
  return 0;
}

int Timer::Arm(uint64_t deadline) {
  armed_ = deadline != 0;
  if (!armed_) return uv_timer_stop(timer_);
  constexpr uint64_t kMillisecond = 1000000;
  const uint64_t now = Loop::Now();
  const uint64_t delay = deadline > now ? (deadline - now + kMillisecond - 1) / kMillisecond : 0;
  uv_update_time(timer_->loop);
  return uv_timer_start(
      timer_, [](uv_timer_t* raw) { static_cast<Timer*>(raw->data)->Fire(); }, delay, 0);
}

void Timer::OnClosing() {
  uv_close(reinterpret_cast<uv_handle_t*>(timer_),
           [](uv_handle_t* raw) { delete reinterpret_cast<uv_timer_t*>(raw); });
}

#endif

}  // namespace uvio
