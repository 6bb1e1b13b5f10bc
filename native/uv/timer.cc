// One native deadline; see timer.h.
#include "uv/timer.h"

#include "base/check.h"

#ifdef UVIO_EMBEDDED
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace uvio {

void Timer::Fire() {
  armed_ = false;
  if (listener_ != nullptr) listener_->OnDeadline();
}

#ifdef UVIO_EMBEDDED

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see poll_
Timer::Timer(int descriptor, TimerListener* listener)
    : Handle(reinterpret_cast<uv_handle_t*>(&poll_), nullptr),
      descriptor_(descriptor),
      listener_(listener) {}

// libuv forbids closing a polled descriptor before the poll handle's close callback.
Timer::~Timer() { close(descriptor_); }

int Timer::Create(Loop* loop, TimerListener* listener, Timer** timer) {
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

namespace {

// In place of a deadline that there is none of: decades.
constexpr uint64_t kNever = uint64_t{1} << 40;  // ms
constexpr uint64_t kMillisecond = 1000000;      // ns

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see timer_
Timer::Timer(TimerListener* listener)
    : Handle(reinterpret_cast<uv_handle_t*>(&timer_), nullptr), listener_(listener) {}

int Timer::Create(Loop* loop, TimerListener* listener, Timer** timer) {
  auto* created = new Timer(listener);
  UVIO_CHECK(uv_timer_init(loop->raw(), &created->timer_) == 0);
  created->Start(kNever);
  *timer = created;
  return 0;
}

int Timer::Start(uint64_t milliseconds) {
  const auto passed = [](uv_timer_t* raw) {
    auto* self = static_cast<Timer*>(From(reinterpret_cast<uv_handle_t*>(raw)));
    self->Start(kNever);
    self->Fire();
  };
  uv_update_time(timer_.loop);
  return uv_timer_start(&timer_, passed, milliseconds, 0);
}

int Timer::Arm(uint64_t deadline) {
  armed_ = deadline != 0;
  const uint64_t now = Loop::Now();
  const uint64_t delay = deadline > now ? (deadline - now + kMillisecond - 1) / kMillisecond : 0;
  return Start(armed_ ? delay : kNever);
}

#endif

}  // namespace uvio
