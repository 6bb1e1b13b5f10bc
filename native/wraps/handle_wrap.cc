// What the JavaScript classes over one plain handle share; see handle_wrap.h.
#include "wraps/handle_wrap.h"

#include "bridge/value.h"
#include "wraps/loop_wrap.h"

namespace uvio {

HandleWrap::HandleWrap(const Napi::CallbackInfo& info)
    : dispatch_(LoopWrap::DispatchOf(info[0])), env_(info.Env()) {
  if (dispatch_ != nullptr && info[1].IsObject()) {
    napi_create_reference(env_, info[1], 1, &owner_);
  } else {
    Attach(dispatch_ == nullptr ? UV_EBADF : UV_EINVAL, nullptr);
  }
}

HandleWrap::~HandleWrap() {
  if (handle_ != nullptr) handle_->Abandon();
  if (owner_ != nullptr) napi_delete_reference(env_, owner_);
}

void HandleWrap::Attach(int error, Handle* handle) {
  handle_ = handle;
  if (error != 0) napi_throw_error(env_, uv_err_name(error), uv_strerror(error));
}

void HandleWrap::Report(int32_t kind, int32_t value) {
  if (!dispatch_->Enter()) return;
  napi_value owner = nullptr;
  napi_get_reference_value(env_, owner_, &owner);
  const napi_value arguments[] = {owner, MakeInteger(env_, kind), MakeInteger(env_, value)};
  dispatch_->Call(Dispatch::kHandleEvent, 3, arguments);
}

Napi::Value HandleWrap::CloseHandle(const Napi::CallbackInfo& info) {
  if (open() != nullptr) {
    handle_->Close();
    Started(0);
  }
  return info.Env().Undefined();
}

void HandleWrap::HandleClosed() {
  handle_ = nullptr;
  LetOwnerGo();
}

void HandleWrap::LetOwnerGo() {
  if (owner_ != nullptr) napi_delete_reference(env_, owner_);
  owner_ = nullptr;
}

}  // namespace uvio
