// One signal watched by one loop: uv_signal_t.
//
// libuv tells every handle of the process that watches the signal, in whichever loop and thread, so
// this lives beside Node's own. It does not keep its loop alive.
#ifndef UVIO_UV_SIGNAL_H_
#define UVIO_UV_SIGNAL_H_

#include <uv.h>

#include "uv/handle.h"
#include "uv/loop.h"

namespace uvio {

class SignalListener : public HandleListener {
 public:
  virtual void OnSignal(int number) = 0;

 protected:
  ~SignalListener() = default;
};

class Signal final : public Handle {
 public:
  static int Create(Loop* loop, SignalListener* listener, Signal** signal);

  // UV_EINVAL for a signal that cannot be caught.
  int Start(int number);

 private:
  explicit Signal(SignalListener* listener);
  ~Signal() override = default;

  void DropListener() override { listener_ = nullptr; }

  // Not initialized here: Handle's constructor has set its data already.
  uv_signal_t signal_;
  SignalListener* listener_;
};

}  // namespace uvio

#endif  // UVIO_UV_SIGNAL_H_
