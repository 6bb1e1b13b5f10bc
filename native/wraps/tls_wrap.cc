// The JavaScript class TlsWrap; see tls_wrap.h.
#include "wraps/tls_wrap.h"

#include <algorithm>
#include <vector>

namespace uvio {

namespace {

constexpr int64_t kSizeUnit = 8;
constexpr int64_t kOutgoing = 4;
// OpenSSL's BIOs count in int.
constexpr size_t kMostBytes = 1u << 26;

bool ReadSome(napi_env env, napi_value value, uv_buf_t* bytes) {
  return ReadBytes(env, value, bytes) && bytes->len <= kMostBytes;
}

}  // namespace

template <TlsWrap::Method kMethod>
Napi::ClassPropertyDescriptor<TlsWrap> TlsWrap::Define(const char* name) {
  const auto call = [](napi_env env, napi_callback_info info) -> napi_value {
    const Values values(env, info);
    TlsWrap* self = values.self();
    if (self == nullptr || !self->session_.open()) return MakeInteger(env, -1);
    return (self->*kMethod)(env, values);
  };
  return Napi::ClassPropertyDescriptor<TlsWrap>(napi_property_descriptor{
      name, nullptr, call, nullptr, nullptr, nullptr, napi_default_method, nullptr});
}

void TlsWrap::Register(Napi::Env env, Napi::Object exports) {
  if (!TlsSession::Available()) return;
  const std::vector<Napi::ClassPropertyDescriptor<TlsWrap>> properties = {
      InstanceMethod<&TlsWrap::BeginCapture>("beginCapture"),
      InstanceMethod<&TlsWrap::EndCapture>("endCapture"),
      InstanceMethod<&TlsWrap::GetError>("getError"),
      Define<&TlsWrap::Pending>("pending"),
      Define<&TlsWrap::TakeOver>("takeOver"),
      Define<&TlsWrap::Decrypt>("decrypt"),
      Define<&TlsWrap::Read>("read"),
      Define<&TlsWrap::Encrypt>("encrypt"),
      Define<&TlsWrap::Take>("take"),
      Define<&TlsWrap::Shutdown>("shutdown"),
  };
  exports.Set("TlsWrap", DefineClass(env, "TlsWrap", properties));
}

Napi::Value TlsWrap::BeginCapture(const Napi::CallbackInfo& info) {
  session_.BeginCapture();
  return info.Env().Undefined();
}

Napi::Value TlsWrap::EndCapture(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), session_.EndCapture());
}

Napi::Value TlsWrap::GetError(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), session_.error());
}

napi_value TlsWrap::Result(napi_env env, size_t size, TlsSession::Outcome outcome) const {
  // A callback of OpenSSL's may have had Node free it.
  if (!session_.open()) return MakeInteger(env, -1);
  const int64_t outgoing = session_.Pending() > 0 ? kOutgoing : 0;
  const int64_t result = static_cast<int64_t>(size) * kSizeUnit + outgoing + outcome;
  return MakeNumber(env, static_cast<double>(result));
}

napi_value TlsWrap::Pending(napi_env env, const Values& /*values*/) {
  return Result(env, session_.Pending(), TlsSession::kWantsInput);
}

napi_value TlsWrap::TakeOver(napi_env env, const Values& /*values*/) {
  session_.TakeOver();
  return Result(env, 0, TlsSession::kWantsInput);
}

napi_value TlsWrap::Decrypt(napi_env env, const Values& values) {
  uv_buf_t bytes;
  if (!ReadSome(env, values[0], &bytes) || !session_.Feed(bytes.base, bytes.len)) {
    return Result(env, 0, TlsSession::kFailed);
  }
  size_t size = 0;
  const TlsSession::Outcome outcome = session_.Read(bytes.base, bytes.len, &size);
  return Result(env, size, outcome);
}

napi_value TlsWrap::Read(napi_env env, const Values& values) {
  uv_buf_t space;
  if (!ReadBytes(env, values[0], &space)) return Result(env, 0, TlsSession::kFailed);
  size_t size = 0;
  const TlsSession::Outcome outcome =
      session_.Read(space.base, std::min<size_t>(space.len, kMostBytes), &size);
  return Result(env, size, outcome);
}

napi_value TlsWrap::Encrypt(napi_env env, const Values& values) {
  uv_buf_t bytes;
  uint32_t size = 0;
  if (!ReadBytes(env, values[0], &bytes) ||
      napi_get_value_uint32(env, values[1], &size) != napi_ok || size > bytes.len ||
      size > kMostBytes || !session_.Write(bytes.base, size)) {
    return Result(env, 0, TlsSession::kFailed);
  }
  uv_buf_t space;
  if (!session_.open() || !ReadBytes(env, values[2], &space)) {
    return Result(env, 0, TlsSession::kFailed);
  }
  const size_t taken = session_.Take(space.base, std::min<size_t>(space.len, kMostBytes));
  return Result(env, taken, TlsSession::kWantsInput);
}

napi_value TlsWrap::Take(napi_env env, const Values& values) {
  uv_buf_t space;
  if (!ReadBytes(env, values[0], &space)) return Result(env, 0, TlsSession::kFailed);
  const size_t taken = session_.Take(space.base, std::min<size_t>(space.len, kMostBytes));
  return Result(env, taken, TlsSession::kWantsInput);
}

napi_value TlsWrap::Shutdown(napi_env env, const Values& values) {
  const bool said = session_.Shutdown();
  if (!session_.open()) return MakeInteger(env, -1);
  return said ? Take(env, values) : Result(env, 0, TlsSession::kFailed);
}

}  // namespace uvio
