// The JavaScript class PipeWrap; see pipe_wrap.h.
#include "wraps/pipe_wrap.h"

#include <utility>

namespace uvio {

const napi_type_tag PipeWrap::kTag = {0x5a8e2c91f07b4d36, 0x91d3c6b8e4f2a075};

namespace {

Napi::Value Code(const Napi::CallbackInfo& info, int code) {
  return Napi::Number::New(info.Env(), code);
}

}  // namespace

void PipeWrap::Register(Napi::Env env, Napi::Object exports) {
  std::vector<Napi::ClassPropertyDescriptor<PipeWrap>> properties = {
      InstanceMethod<&PipeWrap::Bind>("bind"),
      InstanceMethod<&PipeWrap::Connect>("connect"),
      InstanceMethod<&PipeWrap::AdoptEnd>("adoptEnd"),
      InstanceMethod<&PipeWrap::WatchHangup>("watchHangup"),
      InstanceMethod<&PipeWrap::GetSocketName>("getSocketName"),
      InstanceMethod<&PipeWrap::GetPeerName>("getPeerName"),
  };
  AppendMethods<PipeWrap>(&properties);
  exports.Set("PipeWrap", DefineClass(env, "PipeWrap", properties));
}

PipeWrap::PipeWrap(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<PipeWrap>(info), StreamWrap(info[0], info[1]) {
  napi_type_tag_object(info.Env(), info.This(), &kTag);
  Pipe* created = nullptr;
  int error = UV_EBADF;
  if (dispatch() != nullptr) {
    error = info[1].IsObject() ? Pipe::Create(dispatch()->loop(), this, &created) : UV_EINVAL;
  }
  if (error != 0) {
    napi_throw_error(info.Env(), uv_err_name(error), uv_strerror(error));
    return;
  }
  Attach(created, info.This().As<Napi::Object>());
}

PipeWrap* PipeWrap::From(Napi::Value value) {
  return static_cast<PipeWrap*>(ClientOf<PipeWrap>(value.Env(), value));
}

int PipeWrap::OpenEnd(UniqueDescriptor descriptor, UniqueDescriptor duplicate) {
  if (pipe() == nullptr) return UV_EBADF;
  return Started(pipe()->OpenEnd(std::move(descriptor), std::move(duplicate)));
}

Pipe* PipeWrap::pipe() const {
  Stream* open = stream();
  return open == nullptr || open->closing() ? nullptr : static_cast<Pipe*>(open);
}

Napi::Value PipeWrap::Bind(const Napi::CallbackInfo& info) {
  uv_buf_t name;
  if (pipe() == nullptr) return Code(info, UV_EBADF);
  if (!ReadBytes(info.Env(), info[0], &name)) return Code(info, UV_EINVAL);
  return Code(info, pipe()->Bind(name));
}

Napi::Value PipeWrap::Connect(const Napi::CallbackInfo& info) {
  uv_buf_t name;
  if (pipe() == nullptr) return Code(info, UV_EBADF);
  if (!ReadBytes(info.Env(), info[0], &name)) return Code(info, UV_EINVAL);
  return Code(info, pipe()->Connect(name));
}

Napi::Value PipeWrap::AdoptEnd(const Napi::CallbackInfo& info) {
  int32_t descriptor = -1;
  bool writes = false;
  if (pipe() == nullptr) return Code(info, UV_EBADF);
  if (!ReadInteger(info.Env(), info[0], &descriptor) ||
      !ReadBoolean(info.Env(), info[1], &writes)) {
    return Code(info, UV_EINVAL);
  }
  return Code(info, pipe()->AdoptEnd(descriptor, writes));
}

Napi::Value PipeWrap::WatchHangup(const Napi::CallbackInfo& info) {
  return Code(info, pipe() == nullptr ? UV_EBADF : Started(pipe()->WatchHangup()));
}

Napi::Value PipeWrap::GetSocketName(const Napi::CallbackInfo& info) {
  return Name(info, &Pipe::GetSocketName);
}

Napi::Value PipeWrap::GetPeerName(const Napi::CallbackInfo& info) {
  return Name(info, &Pipe::GetPeerName);
}

Napi::Value PipeWrap::Name(const Napi::CallbackInfo& info,
                           int (Pipe::*get)(std::string*) const) const {
  std::string name;
  const int error = pipe() == nullptr ? UV_EBADF : (pipe()->*get)(&name);
  return error != 0 ? Code(info, error) : Napi::Value(info.Env(), MakeString(info.Env(), name));
}

}  // namespace uvio
