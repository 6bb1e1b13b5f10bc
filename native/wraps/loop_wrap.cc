// The JavaScript class LoopWrap; see loop_wrap.h.
#include "wraps/loop_wrap.h"

#include <cmath>

#include "bridge/environment.h"
#include "bridge/value.h"
#include "uv/handle.h"

namespace uvio {

namespace {

const napi_type_tag kLoopTag = {0x7b6b3c0f5e1d4a29, 0x9c1e8d7f2a3b4c5d};

void SetNumber(napi_env env, napi_value object, const char* name, double value) {
  SetProperty(env, object, name, MakeNumber(env, value));
}

napi_value Summarize(napi_env env, const Histogram& histogram) {
  napi_value summary = nullptr;
  napi_create_object(env, &summary);
  SetNumber(env, summary, "count", static_cast<double>(histogram.count()));
  SetNumber(env, summary, "total", Loop::Milliseconds(histogram.sum()));
  SetNumber(env, summary, "p50", Loop::Milliseconds(histogram.Percentile(0.5)));
  SetNumber(env, summary, "p90", Loop::Milliseconds(histogram.Percentile(0.9)));
  SetNumber(env, summary, "p99", Loop::Milliseconds(histogram.Percentile(0.99)));
  SetNumber(env, summary, "p999", Loop::Milliseconds(histogram.Percentile(0.999)));
  SetNumber(env, summary, "max", Loop::Milliseconds(histogram.max()));
  return summary;
}

Napi::Value BucketsOf(Napi::Env env, const Histogram& histogram) {
  Napi::Array buckets = Napi::Array::New(env);
  uint32_t length = 0;
  histogram.Each([&](uint64_t bound, uint64_t count) {
    buckets.Set(length++, Loop::Milliseconds(bound));
    buckets.Set(length++, static_cast<double>(count));
  });
  return buckets;
}

}  // namespace

void LoopWrap::Register(Napi::Env env, Napi::Object exports) {
  const napi_property_descriptor request_turn = {
      "requestTurn", nullptr, RequestTurn, nullptr, nullptr, nullptr, napi_default_method, nullptr};
  const napi_property_descriptor set_deadline = {
      "setDeadline", nullptr, SetDeadline, nullptr, nullptr, nullptr, napi_default_method, nullptr};
  exports.Set("LoopWrap", DefineClass(env, "LoopWrap",
                                      {InstanceMethod<&LoopWrap::Close>("close"),
                                       InstanceMethod<&LoopWrap::Now>("now"),
                                       InstanceMethod<&LoopWrap::Metrics>("metrics"),
                                       InstanceMethod<&LoopWrap::Buckets>("buckets"),
                                       InstanceMethod<&LoopWrap::OwnerOf>("ownerOf"),
                                       InstanceMethod<&LoopWrap::Handles>("handles"),
                                       InstanceMethod<&LoopWrap::Watch>("watch"),
                                       Napi::ClassPropertyDescriptor<LoopWrap>(request_turn),
                                       Napi::ClassPropertyDescriptor<LoopWrap>(set_deadline)}));
}

LoopWrap::LoopWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<LoopWrap>(info) {
  napi_type_tag_object(info.Env(), info.This(), &kLoopTag);
  dispatch_ = Dispatch::Create(info.Env(), info[0], info[1], [this] {
    dispatch_ = nullptr;
    Unref();
  });
  if (dispatch_ != nullptr) Ref();
}

Dispatch* LoopWrap::DispatchOf(Napi::Value value) {
  bool tagged = false;
  void* data = nullptr;
  // All of it fails when the thread is being terminated, which may be from one call to the next.
  if (!value.IsObject() ||
      napi_check_object_type_tag(value.Env(), value, &kLoopTag, &tagged) != napi_ok || !tagged ||
      napi_unwrap(value.Env(), value, &data) != napi_ok) {
    return nullptr;
  }
  Dispatch* dispatch = static_cast<LoopWrap*>(data)->dispatch_;
  return dispatch == nullptr || dispatch->closing() ? nullptr : dispatch;
}

Napi::Value LoopWrap::Close(const Napi::CallbackInfo& info) {
  if (dispatch_ != nullptr) dispatch_->Close();
  return info.Env().Undefined();
}

Napi::Value LoopWrap::Now(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), Loop::Milliseconds(Loop::Now()));
}

Napi::Value LoopWrap::Metrics(const Napi::CallbackInfo& info) {
  if (dispatch_ == nullptr || dispatch_->closing()) return info.Env().Undefined();
  Loop* loop = dispatch_->loop();
  napi_env env = info.Env();
  Napi::Object metrics = Napi::Object::New(env);
  SetNumber(env, metrics, "elapsed", Loop::Milliseconds(Loop::Now() - loop->counted_since));
  SetNumber(env, metrics, "busy", Loop::Milliseconds(loop->busy));
  SetNumber(env, metrics, "turns", static_cast<double>(loop->turns));
  SetProperty(env, metrics, "callbacks", Summarize(env, loop->callbacks));
  SetProperty(env, metrics, "polls", Summarize(env, loop->polls));
  Napi::Object handles = Napi::Object::New(env);
  for (const auto& [kind, count] : dispatch_->driver()->CountHandles()) {
    SetNumber(env, handles, kind.c_str(), count);
  }
  SetProperty(env, metrics, "handles", handles);
  bool reset = false;
  if (ReadBoolean(info.Env(), info[0], &reset) && reset) loop->ResetCounts();
  return metrics;
}

Napi::Value LoopWrap::Buckets(const Napi::CallbackInfo& info) {
  if (dispatch_ == nullptr || dispatch_->closing()) return info.Env().Undefined();
  Napi::Object buckets = Napi::Object::New(info.Env());
  buckets.Set("callbacks", BucketsOf(info.Env(), dispatch_->loop()->callbacks));
  buckets.Set("polls", BucketsOf(info.Env(), dispatch_->loop()->polls));
  return buckets;
}

Napi::Value LoopWrap::OwnerOf(const Napi::CallbackInfo& info) {
  int32_t descriptor = -1;
  if (dispatch_ == nullptr || dispatch_->closing() ||
      !ReadInteger(info.Env(), info[0], &descriptor)) {
    return info.Env().Undefined();
  }
  void* owner = Handle::OwnerOf(dispatch_->loop()->raw(), descriptor);
  napi_value value = nullptr;
  if (owner != nullptr) {
    napi_get_reference_value(info.Env(), static_cast<napi_ref>(owner), &value);
  }
  return value == nullptr ? info.Env().Undefined() : Napi::Value(info.Env(), value);
}

Napi::Value LoopWrap::Handles(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array handles = Napi::Array::New(env);
  // A loop that is closing may be closed already, and is not to be walked.
  if (dispatch_ == nullptr || dispatch_->closing()) return handles;
  uint32_t count = 0;
  Handle::Each(dispatch_->loop()->raw(), [&](const char* kind, void* owner) {
    napi_value value = nullptr;
    if (owner != nullptr) {
      napi_get_reference_value(env, static_cast<napi_ref>(owner), &value);
    }
    Napi::Array handle = Napi::Array::New(env, 2);
    handle.Set(0U, kind);
    handle.Set(1U, value == nullptr ? env.Undefined() : Napi::Value(env, value));
    handles.Set(count++, handle);
  });
  return handles;
}

Napi::Value LoopWrap::Watch(const Napi::CallbackInfo& info) {
  if (dispatch_ == nullptr) return Napi::Number::New(info.Env(), UV_EBADF);
  const int error = dispatch_->Watch(info[0].IsNull() ? nullptr : napi_value(info[0]));
  if (error != 0) return Napi::Number::New(info.Env(), error);
  return Napi::Number::New(info.Env(), Loop::Milliseconds(dispatch_->loop()->entry.TakeReported()));
}

napi_value LoopWrap::RequestTurn(napi_env env, napi_callback_info info) {
  Arguments<LoopWrap, 0> arguments(env, info);
  LoopWrap* self = arguments.self();
  if (self != nullptr && self->dispatch_ != nullptr) self->dispatch_->driver()->RequestTurn();
  return nullptr;
}

napi_value LoopWrap::SetDeadline(napi_env env, napi_callback_info info) {
  Arguments<LoopWrap, 1> arguments(env, info);
  LoopWrap* self = arguments.self();
  double deadline = 0;
  if (self == nullptr || self->dispatch_ == nullptr) return MakeInteger(env, UV_EBADF);
  if (napi_get_value_double(env, arguments[0], &deadline) != napi_ok || !(deadline >= 0)) {
    return MakeInteger(env, UV_EINVAL);
  }
  // Rounded up, so that the timer is due when the clock says that it fired. The cap is 100 years.
  const double nanoseconds =
      std::fmin(std::ceil(deadline * Loop::kNanosecondsPerMillisecond), 3.1536e18);
  return MakeInteger(env,
                     self->dispatch_->driver()->SetDeadline(static_cast<uint64_t>(nanoseconds)));
}

}  // namespace uvio
