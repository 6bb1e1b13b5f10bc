// The JavaScript class LoopWrap: one dedicated loop and its turns.
//
// The object keeps itself alive from construction until close() has finished, since libuv may call
// back until then. Methods after that answer UV_EBADF.
#ifndef UVIO_WRAPS_LOOP_WRAP_H_
#define UVIO_WRAPS_LOOP_WRAP_H_

#include <napi.h>

#include "bridge/dispatch.h"

namespace uvio {

class LoopWrap final : public Napi::ObjectWrap<LoopWrap> {
 public:
  static void Register(Napi::Env env, Napi::Object exports);

  // The loop behind a LoopWrap object; null when `value` is none or its loop is closed (or about
  // to be).
  static Dispatch* DispatchOf(Napi::Value value);

  explicit LoopWrap(const Napi::CallbackInfo& info);

 private:
  Napi::Value Close(const Napi::CallbackInfo& info);
  Napi::Value Now(const Napi::CallbackInfo& info);
  Napi::Value Metrics(const Napi::CallbackInfo& info);
  Napi::Value Buckets(const Napi::CallbackInfo& info);
  Napi::Value OwnerOf(const Napi::CallbackInfo& info);
  Napi::Value Handles(const Napi::CallbackInfo& info);
  Napi::Value Watch(const Napi::CallbackInfo& info);

  static napi_value RequestTurn(napi_env env, napi_callback_info info);
  static napi_value SetDeadline(napi_env env, napi_callback_info info);

  Dispatch* dispatch_ = nullptr;
};

}  // namespace uvio

#endif  // UVIO_WRAPS_LOOP_WRAP_H_
