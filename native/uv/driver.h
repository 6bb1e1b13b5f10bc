// How the dedicated loop gets its turns: embedded in the host's (Node's) loop.
//
// The backend wakes the host when the dedicated loop has something to do, and the driver gives the
// dedicated loop a turn. Whatever is asked for outside a turn (a watcher started, a callback made
// ready) starts an idle handle on the host, so that the host gives a turn before it sleeps. This
// file and the backends are what knows of the host's loop; another way of being woken is another
// backend.
//
// Invariants: turns never nest; when a turn ends, either nothing is left to do without a new event,
// or the idle handle is running; the host is kept alive exactly while the dedicated loop has work.
#ifndef UVIO_UV_DRIVER_H_
#define UVIO_UV_DRIVER_H_

#include <uv.h>

#include "uv/backend.h"
#include "uv/loop.h"
#include "uv/timer.h"

namespace uvio {

// What a turn does besides polling: implemented by the bridge, which knows JavaScript.
class TurnHost {
 public:
  // A scope holds JavaScript callbacks; closing it runs the microtasks that they caused. False when
  // JavaScript can run no more.
  virtual bool OpenScope() = 0;
  virtual void CloseScope() = 0;
  // Runs the batch of ready callbacks, or its next part: true when the rest of the batch wants the
  // microtasks run first.
  virtual bool RunReady() = 0;
  // A turn with a deadline came after it: how long it was to wait at most, how long it did (both in
  // nanoseconds), and how many callbacks its first poll has called.
  virtual void OnLateTurn(uint64_t wanted, uint64_t waited, uint64_t callbacks) = 0;
  // Sends what was written and sets the deadline: true when callbacks are ready already.
  virtual bool EndRound() = 0;
  // The deadline passed.
  virtual void OnDeadline() = 0;
  // The loop and all of its handles are gone; so is the driver when this returns.
  virtual void OnDriverClosed() = 0;

 protected:
  ~TurnHost() = default;
};

class Driver final : private TimerListener {
 public:
  static int Create(uv_loop_t* host_loop, TurnHost* host, Driver** driver);

  Loop* loop() { return &loop_; }

  // Asks for a turn before the host sleeps. Call it after anything that starts or stops a watcher.
  void RequestTurn();

  // Nanoseconds on uv_hrtime's clock; 0 for none.
  int SetDeadline(uint64_t nanoseconds) {
    deadline_ = nanoseconds;
    if (!Backend::kSeesDeadlines) RequestTurn();
    return timer_->Arm(nanoseconds);
  }

  // How many handles of each of libuv's kinds the program has in the loop.
  std::map<std::string, int> CountHandles() { return Handle::CountKinds(loop_.raw(), timer_); }

  // Closes every handle, after the turn if one is under way. No callback runs any more; the host
  // hears OnDriverClosed, perhaps only after requests on other threads (a name being resolved) have
  // come back.
  void Close();

 private:
  explicit Driver(TurnHost* host) : host_(host) {}
  ~Driver() = default;

  void Turn();
  void Poll(uint64_t turn_started);
  void TurnOfClosing();
  bool IsAlive();
  void Settle(bool more);
  void Halt();
  void CloseHostHandles();
  void OnDeadline() override;

  static Driver* From(const void* raw) { return static_cast<Driver*>(const_cast<void*>(raw)); }

  TurnHost* host_;
  Loop loop_;
  Timer* timer_ = nullptr;
  Backend backend_;
  uv_idle_t idle_{};
  int open_host_handles_ = 0;
  uint64_t turn_ended_ = 0;
  uint64_t deadline_ = 0;
  bool in_turn_ = false;
  bool closing_ = false;
  bool close_after_turn_ = false;
};

}  // namespace uvio

#endif  // UVIO_UV_DRIVER_H_
