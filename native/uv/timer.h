// One native deadline: the earliest moment at which the loop wants a turn of its own accord.
//
// JavaScript keeps the heap of timers and tells only its head, in nanoseconds of uv_hrtime's clock.
// libuv timers do not make the backend fd readable, and count milliseconds; on Linux a timerfd
// inside the dedicated loop does both better. Elsewhere a timer on the host's loop serves, to the
// millisecond. Invariants: after it fired the deadline is disarmed until Arm() is called again; the
// handle is one of the dedicated loop, active from beginning to end.
#ifndef UVIO_UV_TIMER_H_
#define UVIO_UV_TIMER_H_

#include <uv.h>

#include <cstdint>

#include "uv/handle.h"
#include "uv/loop.h"

namespace uvio {

class TimerListener {
 public:
  virtual void OnDeadline() = 0;

 protected:
  ~TimerListener() = default;
};

class Timer final : public Handle {
 public:
  // `host` is where a platform without timerfd keeps its timer. On success *timer owns itself.
  static int Create(Loop* loop, uv_loop_t* host, TimerListener* listener, Timer** timer);

  // A deadline of 0 disarms.
  int Arm(uint64_t deadline);
  bool armed() const { return armed_; }

 private:
#ifdef __linux__
  Timer(int descriptor, TimerListener* listener);
  ~Timer() override;
  static void OnReadable(uv_poll_t* poll, int status, int events);

  // Not initialized here: Handle's constructor has set its data already.
  uv_poll_t poll_;
  int descriptor_;
#else
  explicit Timer(TimerListener* listener);
  void OnClosing() override;

  // Does nothing but be active. Not initialized here: Handle's constructor has set its data
  // already.
  uv_prepare_t active_;
  // The host's: its memory is freed when the host has closed it, which may be after this.
  uv_timer_t* timer_ = nullptr;
#endif
  void DropListener() override { listener_ = nullptr; }
  void Fire();

  TimerListener* listener_;
  bool armed_ = false;
};

}  // namespace uvio

#endif  // UVIO_UV_TIMER_H_
