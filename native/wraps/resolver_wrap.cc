// The JavaScript class LookupWrap; see resolver_wrap.h.
#include "wraps/resolver_wrap.h"

#include "bridge/value.h"
#include "uv/tcp.h"
#include "wraps/loop_wrap.h"

namespace uvio {

namespace {

// [{family, type, proto, canonname, sockaddr}]
napi_value MakeAnswer(napi_env env, const addrinfo* list) {
  napi_value answer;
  napi_create_array(env, &answer);
  uint32_t count = 0;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    napi_value address = MakeAddress(env, entry->ai_addr);
    if (!Napi::Value(env, address).IsObject()) continue;
    napi_value info;
    napi_create_object(env, &info);
    SetProperty(env, info, "family", MakeInteger(env, entry->ai_family == AF_INET ? 4 : 6));
    SetProperty(env, info, "type", MakeInteger(env, entry->ai_socktype));
    SetProperty(env, info, "proto", MakeInteger(env, entry->ai_protocol));
    const char* name = entry->ai_canonname;
    SetProperty(env, info, "canonname", MakeString(env, name == nullptr ? "" : name));
    SetProperty(env, info, "sockaddr", address);
    napi_set_element(env, answer, count++, info);
  }
  return answer;
}

// [host, service]
napi_value MakeName(napi_env env, const char* host, const char* service) {
  napi_value name;
  napi_create_array_with_length(env, 2, &name);
  napi_set_element(env, name, 0, MakeString(env, host));
  napi_set_element(env, name, 1, MakeString(env, service));
  return name;
}

int ReadAddress(const Napi::CallbackInfo& info, sockaddr_storage* address, int32_t* flags) {
  std::string text;
  int32_t port = 0;
  if (!ReadString(info.Env(), info[0], &text) || !ReadInteger(info.Env(), info[1], &port) ||
      !ReadInteger(info.Env(), info[2], flags)) {
    return UV_EINVAL;
  }
  return Tcp::ParseAddress(text.c_str(), port, address);
}

}  // namespace

void LookupWrap::Register(Napi::Env env, Napi::Object exports) {
  exports.Set("LookupWrap", DefineClass(env, "LookupWrap",
                                        {InstanceMethod<&LookupWrap::Start>("start"),
                                         InstanceMethod<&LookupWrap::Numeric>("numeric"),
                                         InstanceMethod<&LookupWrap::StartName>("startName"),
                                         InstanceMethod<&LookupWrap::NumericName>("numericName"),
                                         InstanceMethod<&LookupWrap::Cancel>("cancel")}));
}

LookupWrap::LookupWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<LookupWrap>(info) {
  if (LoopWrap::DispatchOf(info[0]) == nullptr || !info[1].IsObject()) {
    napi_throw_error(info.Env(), uv_err_name(UV_EBADF), uv_strerror(UV_EBADF));
    return;
  }
  loop_ = Napi::Persistent(info[0].As<Napi::Object>());
  owner_ = Napi::Weak(info[1].As<Napi::Object>());
}

LookupWrap::~LookupWrap() {
  if (lookup_ != nullptr) lookup_->Cancel();
}

LookupWrap::Question LookupWrap::ReadQuestion(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Question question;
  int32_t family = 0;
  question.has_host = ReadString(env, info[0], &question.host);
  question.has_service = ReadString(env, info[1], &question.service);
  ReadInteger(env, info[2], &family);
  ReadInteger(env, info[3], &question.hints.ai_socktype);
  ReadInteger(env, info[4], &question.hints.ai_protocol);
  ReadInteger(env, info[5], &question.hints.ai_flags);
  question.hints.ai_family = family == 4 ? AF_INET : family == 6 ? AF_INET6 : AF_UNSPEC;
  return question;
}

bool LookupWrap::CanAsk(int* code) {
  *code = UV_EINVAL;
  // The owner may be gone already, since it is held only while a question is open.
  if (loop_.IsEmpty() || lookup_ != nullptr || owner_.Value().IsEmpty()) return false;
  dispatch_ = LoopWrap::DispatchOf(loop_.Value());
  *code = dispatch_ == nullptr ? UV_EBADF : 0;
  return dispatch_ != nullptr;
}

Napi::Value LookupWrap::Asked(Napi::Env env, int error) {
  if (error == 0) Hold();
  dispatch_->driver()->RequestTurn();
  return Napi::Number::New(env, error);
}

Napi::Value LookupWrap::Start(const Napi::CallbackInfo& info) {
  int error;
  if (!CanAsk(&error)) return Napi::Number::New(info.Env(), error);
  const Question question = ReadQuestion(info);
  error = Lookup::Start(dispatch_->loop(), question.host_text(), question.service_text(),
                        question.hints, this, &lookup_);
  return Asked(info.Env(), error);
}

Napi::Value LookupWrap::Numeric(const Napi::CallbackInfo& info) {
  int error;
  if (!CanAsk(&error)) return Napi::Number::New(info.Env(), error);
  Question question = ReadQuestion(info);
  question.hints.ai_flags |= AI_NUMERICHOST | AI_NUMERICSERV;
  napi_value answer = nullptr;
  error = Lookup::Numeric(dispatch_->loop(), question.host_text(), question.service_text(),
                          question.hints,
                          [&](const addrinfo* list) { answer = MakeAnswer(info.Env(), list); });
  return answer == nullptr ? Napi::Number::New(info.Env(), error) : Napi::Value(info.Env(), answer);
}

Napi::Value LookupWrap::StartName(const Napi::CallbackInfo& info) {
  int error;
  if (!CanAsk(&error)) return Napi::Number::New(info.Env(), error);
  sockaddr_storage address{};
  int32_t flags = 0;
  error = ReadAddress(info, &address, &flags);
  if (error == 0) error = Lookup::StartName(dispatch_->loop(), address, flags, this, &lookup_);
  return Asked(info.Env(), error);
}

Napi::Value LookupWrap::NumericName(const Napi::CallbackInfo& info) {
  int error;
  if (!CanAsk(&error)) return Napi::Number::New(info.Env(), error);
  sockaddr_storage address{};
  int32_t flags = 0;
  napi_value answer = nullptr;
  error = ReadAddress(info, &address, &flags);
  if (error == 0) {
    error = Lookup::NumericName(dispatch_->loop(), address, flags | NI_NUMERICHOST | NI_NUMERICSERV,
                                [&](const char* host, const char* service) {
                                  answer = MakeName(info.Env(), host, service);
                                });
  }
  return answer == nullptr ? Napi::Number::New(info.Env(), error) : Napi::Value(info.Env(), answer);
}

Napi::Value LookupWrap::Cancel(const Napi::CallbackInfo& info) {
  if (lookup_ != nullptr) {
    lookup_->Cancel();
    // The answer of a cancelled lookup is an event like any other.
    dispatch_->driver()->RequestTurn();
    lookup_ = nullptr;
    LetGo();
  }
  return info.Env().Undefined();
}

void LookupWrap::OnLookup(int status, const addrinfo* list) {
  Answer(status, dispatch_->Enter() ? MakeAnswer(Env(), list) : nullptr);
}

void LookupWrap::OnName(int status, const char* host, const char* service) {
  napi_value name = nullptr;
  if (dispatch_->Enter()) {
    name = MakeName(Env(), host == nullptr ? "" : host, service == nullptr ? "" : service);
  }
  Answer(status, name);
}

void LookupWrap::Answer(int status, napi_value answer) {
  lookup_ = nullptr;
  if (answer != nullptr) {
    const napi_value arguments[] = {owner_.Value(), MakeInteger(Env(), status), answer};
    dispatch_->Call(Dispatch::kLookup, 3, arguments);
  }
  LetGo();
}

}  // namespace uvio
