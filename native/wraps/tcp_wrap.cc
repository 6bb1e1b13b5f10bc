// The JavaScript class TcpWrap; see tcp_wrap.h.
#include "wraps/tcp_wrap.h"

namespace uvio {

const napi_type_tag TcpWrap::kTag = {0x3f1c9a7e6d2b4805, 0xb7e4d1a09c8f5362};

namespace {

Napi::Value Code(const Napi::CallbackInfo& info, int code) {
  return Napi::Number::New(info.Env(), code);
}

}  // namespace

void TcpWrap::Register(Napi::Env env, Napi::Object exports) {
  std::vector<Napi::ClassPropertyDescriptor<TcpWrap>> properties = {
      InstanceMethod<&TcpWrap::Bind>("bind"),
      InstanceMethod<&TcpWrap::Connect>("connect"),
      InstanceMethod<&TcpWrap::SetNoDelay>("setNoDelay"),
      InstanceMethod<&TcpWrap::SetKeepAlive>("setKeepAlive"),
      InstanceMethod<&TcpWrap::GetSocketName>("getSocketName"),
      InstanceMethod<&TcpWrap::GetPeerName>("getPeerName"),
  };
  AppendMethods<TcpWrap>(&properties);
  exports.Set("TcpWrap", DefineClass(env, "TcpWrap", properties));
}

TcpWrap::TcpWrap(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<TcpWrap>(info), StreamWrap(info[0], info[1]) {
  napi_type_tag_object(info.Env(), info.This(), &kTag);
  Tcp* created = nullptr;
  int error = UV_EBADF;
  if (dispatch() != nullptr) {
    error = info[1].IsObject() ? Tcp::Create(dispatch()->loop(), this, &created) : UV_EINVAL;
  }
  if (error != 0) {
    napi_throw_error(info.Env(), uv_err_name(error), uv_strerror(error));
    return;
  }
  Attach(created, info.This().As<Napi::Object>());
}

Tcp* TcpWrap::tcp() const {
  Stream* open = stream();
  return open == nullptr || open->closing() ? nullptr : static_cast<Tcp*>(open);
}

int TcpWrap::ReadAddress(const Napi::CallbackInfo& info, sockaddr_storage* storage) const {
  std::string address;
  int32_t port = 0;
  if (!ReadString(info.Env(), info[0], &address) || !ReadInteger(info.Env(), info[1], &port)) {
    return UV_EINVAL;
  }
  return Tcp::ParseAddress(address.c_str(), port, storage);
}

Napi::Value TcpWrap::Bind(const Napi::CallbackInfo& info) {
  if (tcp() == nullptr) return Code(info, UV_EBADF);
  sockaddr_storage address{};
  int32_t flags = 0;
  const int error = ReadAddress(info, &address);
  if (error != 0) return Code(info, error);
  if (!ReadInteger(info.Env(), info[2], &flags)) return Code(info, UV_EINVAL);
  return Code(info, tcp()->Bind(address, flags));
}

Napi::Value TcpWrap::Connect(const Napi::CallbackInfo& info) {
  if (tcp() == nullptr) return Code(info, UV_EBADF);
  sockaddr_storage address{};
  int error = ReadAddress(info, &address);
  if (error == 0) error = Started(tcp()->Connect(address));
  return Code(info, error);
}

Napi::Value TcpWrap::SetNoDelay(const Napi::CallbackInfo& info) {
  bool enable = true;
  if (tcp() == nullptr) return Code(info, UV_EBADF);
  ReadBoolean(info.Env(), info[0], &enable);
  return Code(info, tcp()->SetNoDelay(enable));
}

Napi::Value TcpWrap::SetKeepAlive(const Napi::CallbackInfo& info) {
  bool enable = true;
  int32_t delay = 0;
  if (tcp() == nullptr) return Code(info, UV_EBADF);
  ReadBoolean(info.Env(), info[0], &enable);
  ReadInteger(info.Env(), info[1], &delay);
  return Code(info, tcp()->SetKeepAlive(enable, delay));
}

Napi::Value TcpWrap::GetSocketName(const Napi::CallbackInfo& info) {
  sockaddr_storage address{};
  const int error = tcp() == nullptr ? UV_EBADF : tcp()->GetSocketName(&address);
  if (error != 0) return Code(info, error);
  return Napi::Value(info.Env(),
                     MakeAddress(info.Env(), reinterpret_cast<const sockaddr*>(&address)));
}

Napi::Value TcpWrap::GetPeerName(const Napi::CallbackInfo& info) {
  sockaddr_storage address{};
  const int error = tcp() == nullptr ? UV_EBADF : tcp()->GetPeerName(&address);
  if (error != 0) return Code(info, error);
  return Napi::Value(info.Env(),
                     MakeAddress(info.Env(), reinterpret_cast<const sockaddr*>(&address)));
}

}  // namespace uvio
