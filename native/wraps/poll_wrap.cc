// The JavaScript class PollWrap; see poll_wrap.h.
#include "wraps/poll_wrap.h"

#include "bridge/value.h"

namespace uvio {

void PollWrap::Register(Napi::Env env, Napi::Object exports) {
  exports.Set("PollWrap", DefineClass(env, "PollWrap",
                                      {InstanceMethod<&PollWrap::Watch>("watch"),
                                       InstanceMethod<&PollWrap::IsCurrent>("isCurrent"),
                                       InstanceMethod<&PollWrap::Close>("close")}));
}

PollWrap::PollWrap(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<PollWrap>(info), HandleWrap(info) {
  if (!valid()) return;
  int32_t descriptor = -1;
  Poll* created = nullptr;
  const int error = ReadInteger(info.Env(), info[2], &descriptor)
                        ? Poll::Create(dispatch()->loop(), descriptor, this, &created)
                        : UV_EINVAL;
  Attach(error, created);
}

Napi::Value PollWrap::Watch(const Napi::CallbackInfo& info) {
  int32_t events = 0;
  int code = UV_EBADF;
  if (poll() != nullptr) {
    const bool valid =
        ReadInteger(info.Env(), info[0], &events) && (events & ~(UV_READABLE | UV_WRITABLE)) == 0;
    code = valid ? Started(poll()->Watch(events)) : UV_EINVAL;
  }
  return Napi::Number::New(info.Env(), code);
}

Napi::Value PollWrap::IsCurrent(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), poll() != nullptr && poll()->IsCurrent());
}

}  // namespace uvio
