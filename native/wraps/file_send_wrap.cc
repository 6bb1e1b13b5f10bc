// The JavaScript class FileSendWrap; see file_send_wrap.h.
#include "wraps/file_send_wrap.h"

#include "bridge/value.h"
#include "uv/descriptor.h"
#include "wraps/loop_wrap.h"

namespace uvio {

namespace {

Napi::Value SetPosition(const Napi::CallbackInfo& info) {
  int32_t descriptor = -1;
  int64_t position = -1;
  int error = UV_EINVAL;
  if (ReadInteger(info.Env(), info[0], &descriptor) &&
      napi_get_value_int64(info.Env(), info[1], &position) == napi_ok) {
    error = SetFilePosition(descriptor, position);
  }
  return Napi::Number::New(info.Env(), error);
}

}  // namespace

void FileSendWrap::Register(Napi::Env env, Napi::Object exports) {
  exports.Set("FileSendWrap", DefineClass(env, "FileSendWrap",
                                          {InstanceMethod<&FileSendWrap::Start>("start"),
                                           InstanceMethod<&FileSendWrap::Stop>("stop")}));
  exports.Set("setFilePosition", Napi::Function::New(env, SetPosition, "setFilePosition"));
}

FileSendWrap::FileSendWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<FileSendWrap>(info) {
  if (LoopWrap::DispatchOf(info[0]) == nullptr || !info[1].IsObject()) {
    napi_throw_error(info.Env(), uv_err_name(UV_EBADF), uv_strerror(UV_EBADF));
    return;
  }
  loop_ = Napi::Persistent(info[0].As<Napi::Object>());
  owner_ = Napi::Weak(info[1].As<Napi::Object>());
}

FileSendWrap::~FileSendWrap() {
  if (send_ != nullptr) send_->Abandon();
}

Napi::Value FileSendWrap::Start(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int32_t target = -1;
  int32_t file = -1;
  int64_t offset = -1;
  int64_t size = -1;
  if (loop_.IsEmpty() || send_ != nullptr || owner_.Value().IsEmpty() ||
      !ReadInteger(env, info[0], &target) || !ReadInteger(env, info[1], &file) ||
      napi_get_value_int64(env, info[2], &offset) != napi_ok ||
      napi_get_value_int64(env, info[3], &size) != napi_ok || offset < 0 || size < 0) {
    return Napi::Number::New(env, UV_EINVAL);
  }
  dispatch_ = LoopWrap::DispatchOf(loop_.Value());
  if (dispatch_ == nullptr) return Napi::Number::New(env, UV_EBADF);
  const int error = FileSend::Start(dispatch_->loop(), target, file, offset,
                                    static_cast<size_t>(size), this, &send_);
  if (error == 0) {
    // The owner usually holds the wrap, so the wrap holds the owner only while it has to.
    owner_.Ref();
    Ref();
  }
  dispatch_->driver()->RequestTurn();
  return Napi::Number::New(env, error);
}

Napi::Value FileSendWrap::Stop(const Napi::CallbackInfo& info) {
  if (send_ != nullptr) {
    send_->Stop();
    dispatch_->driver()->RequestTurn();
  }
  return info.Env().Undefined();
}

void FileSendWrap::OnFileSent(ssize_t sent, bool blocked) {
  send_ = nullptr;
  if (dispatch_->Enter()) {
    const napi_value arguments[] = {owner_.Value(), MakeInteger(Env(), blocked ? 1 : 0),
                                    MakeInteger(Env(), static_cast<int32_t>(sent))};
    dispatch_->Call(Dispatch::kHandleEvent, 3, arguments);
  }
  owner_.Unref();
  Unref();
}

}  // namespace uvio
