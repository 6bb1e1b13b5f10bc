// One native deadline: the earliest moment at which the loop wants a turn of its own accord.
//
// JavaScript keeps the heap of timers and tells only its head, in nanoseconds of uv_hrtime's clock.
// libuv timers do not make the backend fd readable, and count milliseconds; on Linux a timerfd
// inside the dedicated loop does both better. Where a thread polls the loop, libuv's timer serves,
// to the millisecond. It is an active handle of the loop always, so that libuv polls even if there
// is no other. Invariant: after it fired the deadline is disarmed until Arm() is called again.
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
  // On success *timer owns itself.
  static int Create(Loop* loop, TimerListener* listener, Timer** timer);

  // A deadline of 0 disarms.
  int Arm(uint64_t deadline);
  bool armed() const { return armed_; }

 private:
#ifdef UVIO_EMBEDDED
  Timer(int descriptor, TimerListener* listener);
  ~Timer() override;
  static void OnReadable(uv_poll_t* poll, int status, int events);

  // Not initialized here: Handle's constructor has set its data already.
  uv_poll_t poll_;
  int descriptor_;
#else
  explicit Timer(TimerListener* listener);
  int Start(uint64_t milliseconds);

  // Not initialized here: Handle's constructor has set its data already.
  uv_timer_t timer_;
#endif
  void DropListener() override { listener_ = nullptr; }
  void Fire();

  TimerListener* listener_;
  bool armed_ = false;
};

}  // namespace uvio

#endif  // UVIO_UV_TIMER_H_
