// The JavaScript class SignalWrap; see signal_wrap.h.
#include "wraps/signal_wrap.h"

#include "bridge/value.h"

namespace uvio {

void SignalWrap::Register(Napi::Env env, Napi::Object exports) {
  exports.Set("SignalWrap", DefineClass(env, "SignalWrap",
                                        {InstanceMethod<&SignalWrap::Start>("start"),
                                         InstanceMethod<&SignalWrap::Close>("close")}));
}

SignalWrap::SignalWrap(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<SignalWrap>(info), HandleWrap(info) {
  if (!valid()) return;
  Signal* created = nullptr;
  const int error = Signal::Create(dispatch()->loop(), this, &created);
  Attach(error, created);
}

Napi::Value SignalWrap::Start(const Napi::CallbackInfo& info) {
  int32_t number = 0;
  int code = UV_EBADF;
  if (open() != nullptr) {
    code = ReadInteger(info.Env(), info[0], &number)
               ? Started(static_cast<Signal*>(open())->Start(number))
               : UV_EINVAL;
  }
  return Napi::Number::New(info.Env(), code);
}

}  // namespace uvio
