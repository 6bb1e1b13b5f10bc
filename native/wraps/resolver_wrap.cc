// The JavaScript class LookupWrap; see resolver_wrap.h.
#include "wraps/resolver_wrap.h"

#include <string>

#include "bridge/value.h"
#include "wraps/loop_wrap.h"

namespace uvio {

void LookupWrap::Register(Napi::Env env, Napi::Object exports) {
  exports.Set("LookupWrap", DefineClass(env, "LookupWrap",
                                        {InstanceMethod<&LookupWrap::Start>("start"),
                                         InstanceMethod<&LookupWrap::Cancel>("cancel")}));
}

LookupWrap::LookupWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<LookupWrap>(info) {
  if (LoopWrap::DispatchOf(info[0]) == nullptr || !info[1].IsObject()) {
    napi_throw_error(info.Env(), uv_err_name(UV_EBADF), uv_strerror(UV_EBADF));
    return;
  }
  loop_ = Napi::Persistent(info[0].As<Napi::Object>());
  owner_ = Napi::Persistent(info[1].As<Napi::Object>());
}

LookupWrap::~LookupWrap() {
  if (lookup_ != nullptr) lookup_->Cancel();
}

Napi::Value LookupWrap::Start(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (loop_.IsEmpty() || lookup_ != nullptr) return Napi::Number::New(env, UV_EINVAL);
  dispatch_ = LoopWrap::DispatchOf(loop_.Value());
  if (dispatch_ == nullptr) return Napi::Number::New(env, UV_EBADF);
  std::string host;
  std::string service;
  const bool has_host = ReadString(env, info[0], &host);
  const bool has_service = ReadString(env, info[1], &service);
  int32_t family = 0;
  addrinfo hints{};
  ReadInteger(env, info[2], &family);
  ReadInteger(env, info[3], &hints.ai_flags);
  hints.ai_family = family == 4 ? AF_INET : family == 6 ? AF_INET6 : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  const int error = Lookup::Start(dispatch_->loop(), has_host ? host.c_str() : nullptr,
                                  has_service ? service.c_str() : nullptr, hints, this, &lookup_);
  if (error == 0) Ref();
  dispatch_->driver()->RequestTurn();
  return Napi::Number::New(env, error);
}

Napi::Value LookupWrap::Cancel(const Napi::CallbackInfo& info) {
  if (lookup_ != nullptr) {
    lookup_->Cancel();
    // The answer of a cancelled lookup is an event like any other.
    dispatch_->driver()->RequestTurn();
    Finish();
  }
  return info.Env().Undefined();
}

void LookupWrap::Finish() {
  lookup_ = nullptr;
  Unref();
}

void LookupWrap::OnLookup(int status, const addrinfo* list) {
  Napi::Env env = Env();
  if (dispatch_->Enter()) {
    napi_value addresses;
    napi_create_array(env, &addresses);
    uint32_t count = 0;
    for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
      napi_value address = MakeAddress(env, entry->ai_addr);
      if (Napi::Value(env, address).IsObject()) {
        napi_set_element(env, addresses, count++, address);
      }
    }
    const napi_value arguments[] = {owner_.Value(), MakeInteger(env, status), addresses};
    dispatch_->Call(Dispatch::kLookup, 3, arguments);
  }
  Finish();
}

}  // namespace uvio
