// The JavaScript class SignalWrap: one signal watched by one loop.
//
// Methods return 0 or a negative libuv code. Its only event carries the signal's number.
#ifndef UVIO_WRAPS_SIGNAL_WRAP_H_
#define UVIO_WRAPS_SIGNAL_WRAP_H_

#include <napi.h>

#include "uv/signal.h"
#include "wraps/handle_wrap.h"

namespace uvio {

class SignalWrap final : public Napi::ObjectWrap<SignalWrap>,
                         private HandleWrap,
                         private SignalListener {
 public:
  static void Register(Napi::Env env, Napi::Object exports);

  // (loop, owner): throws with libuv's code.
  explicit SignalWrap(const Napi::CallbackInfo& info);

 private:
  // (number)
  Napi::Value Start(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info) { return CloseHandle(info); }

  void OnSignal(int number) override { Report(0, number); }
  void OnClosed() override { HandleClosed(); }
};

}  // namespace uvio

#endif  // UVIO_WRAPS_SIGNAL_WRAP_H_
