// The JavaScript class BareSocketWrap; see bare_socket_wrap.h.
#include "wraps/bare_socket_wrap.h"

#ifndef _WIN32

#include <cerrno>
#include <string>

#include "bridge/environment.h"
#include "bridge/value.h"
#include "uv/handover.h"
#include "uv/tcp.h"
#include "uv/unix_address.h"

namespace uvio {

namespace {

Napi::Value Code(const Napi::CallbackInfo& info, ssize_t code) {
  return Napi::Number::New(info.Env(), static_cast<double>(code));
}

// The address that begins at that argument.
int ReadName(const Napi::CallbackInfo& info, size_t index, SocketName* name) {
  uv_buf_t bytes;
  if (ReadBytes(info.Env(), info[index], &bytes)) {
    return FillUnixAddress(bytes, reinterpret_cast<sockaddr_un*>(&name->address), &name->size);
  }
  std::string text;
  int32_t port = 0;
  if (!ReadString(info.Env(), info[index], &text) ||
      !ReadInteger(info.Env(), info[index + 1], &port)) {
    return UV_EINVAL;
  }
  const int error = Tcp::ParseAddress(text.c_str(), port, &name->address);
  const bool is_ipv6 = name->address.ss_family == AF_INET6;
  name->size = is_ipv6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  return error;
}

Napi::Value MakeName(Napi::Env env, const SocketName& name) {
  if (name.address.ss_family == AF_UNIX) {
    const auto* address = reinterpret_cast<const sockaddr_un*>(&name.address);
    return Napi::String::New(env, UnixName(*address, name.size));
  }
  return name.size == 0 ? env.Undefined() : Napi::Value(env, MakeAddress(env, name.raw()));
}

// The first `size` bytes, the second argument, of the first one.
bool ReadBuffer(const Napi::CallbackInfo& info, uv_buf_t* buffer) {
  int64_t size = -1;
  if (!ReadBytes(info.Env(), info[0], buffer) ||
      napi_get_value_int64(info.Env(), info[1], &size) != napi_ok || size < 0 ||
      static_cast<size_t>(size) > buffer->len) {
    return false;
  }
  buffer->len = static_cast<size_t>(size);
  return true;
}

struct OptionArguments {
  int32_t descriptor = -1;
  int32_t level = 0;
  int32_t name = 0;
  uv_buf_t value{};

  bool Read(const Napi::CallbackInfo& info) {
    return ReadInteger(info.Env(), info[0], &descriptor) &&
           ReadInteger(info.Env(), info[1], &level) && ReadInteger(info.Env(), info[2], &name) &&
           ReadBytes(info.Env(), info[3], &value);
  }
};

// (descriptor): a ticket
Napi::Value Offer(const Napi::CallbackInfo& info) {
  int32_t descriptor = -1;
  if (!ReadInteger(info.Env(), info[0], &descriptor)) return Code(info, UV_EINVAL);
  const int64_t ticket = OfferDescriptor(descriptor, Environment::Of(info.Env()));
  return Code(info, static_cast<ssize_t>(ticket));
}

// (ticket): a descriptor
Napi::Value TakeOffer(const Napi::CallbackInfo& info) {
  int64_t ticket = 0;
  if (napi_get_value_int64(info.Env(), info[0], &ticket) != napi_ok) return Code(info, UV_EINVAL);
  return Code(info, TakeOffered(ticket));
}

// (descriptor, level, name, value): the option's size, now in `value`.
Napi::Value GetOption(const Napi::CallbackInfo& info) {
  OptionArguments option;
  if (!option.Read(info)) return Code(info, UV_EINVAL);
  auto size = static_cast<socklen_t>(option.value.len);
  const int result =
      getsockopt(option.descriptor, option.level, option.name, option.value.base, &size);
  return Code(info, result != 0 ? -errno : static_cast<ssize_t>(size));
}

Napi::Value SetOption(const Napi::CallbackInfo& info) {
  OptionArguments option;
  if (!option.Read(info)) return Code(info, UV_EINVAL);
  const auto size = static_cast<socklen_t>(option.value.len);
  const int result =
      setsockopt(option.descriptor, option.level, option.name, option.value.base, size);
  return Code(info, result != 0 ? -errno : 0);
}

}  // namespace

void BareSocketWrap::Register(Napi::Env env, Napi::Object exports) {
  exports.Set("BareSocketWrap",
              DefineClass(env, "BareSocketWrap",
                          {InstanceMethod<&BareSocketWrap::Open>("open"),
                           InstanceMethod<&BareSocketWrap::Take>("take"),
                           InstanceMethod<&BareSocketWrap::Release>("release"),
                           InstanceMethod<&BareSocketWrap::Close>("close"),
                           InstanceMethod<&BareSocketWrap::GetDescriptor>("getDescriptor"),
                           InstanceMethod<&BareSocketWrap::Bind>("bind"),
                           InstanceMethod<&BareSocketWrap::Connect>("connect"),
                           InstanceMethod<&BareSocketWrap::GetError>("getError"),
                           InstanceMethod<&BareSocketWrap::Listen>("listen"),
                           InstanceMethod<&BareSocketWrap::Accept>("accept"),
                           InstanceMethod<&BareSocketWrap::Receive>("receive"),
                           InstanceMethod<&BareSocketWrap::ReceiveFrom>("receiveFrom"),
                           InstanceMethod<&BareSocketWrap::Send>("send"),
                           InstanceMethod<&BareSocketWrap::SendTo>("sendTo"),
                           InstanceMethod<&BareSocketWrap::Shutdown>("shutdown"),
                           InstanceMethod<&BareSocketWrap::GetSocketName>("getSocketName"),
                           InstanceMethod<&BareSocketWrap::GetPeerName>("getPeerName"),
                           InstanceMethod<&BareSocketWrap::Sender>("sender")}));
  exports.Set("getSocketOption", Napi::Function::New(env, GetOption, "getSocketOption"));
  exports.Set("setSocketOption", Napi::Function::New(env, SetOption, "setSocketOption"));
  exports.Set("offerDescriptor", Napi::Function::New(env, Offer, "offerDescriptor"));
  exports.Set("takeOffered", Napi::Function::New(env, TakeOffer, "takeOffered"));
}

Napi::Value BareSocketWrap::Open(const Napi::CallbackInfo& info) {
  int32_t family = 0;
  int32_t type = 0;
  int32_t protocol = 0;
  if (socket_.descriptor() >= 0 || !ReadInteger(info.Env(), info[0], &family) ||
      !ReadInteger(info.Env(), info[1], &type) || !ReadInteger(info.Env(), info[2], &protocol)) {
    return Code(info, UV_EINVAL);
  }
  const int domain = family == 4 ? AF_INET : family == 6 ? AF_INET6 : AF_UNIX;
  return Code(info, socket_.Open(domain, type, protocol));
}

Napi::Value BareSocketWrap::Take(const Napi::CallbackInfo& info) {
  int32_t descriptor = -1;
  if (socket_.descriptor() >= 0 || !ReadInteger(info.Env(), info[0], &descriptor)) {
    return Code(info, UV_EINVAL);
  }
  return Code(info, socket_.Take(descriptor));
}

Napi::Value BareSocketWrap::Release(const Napi::CallbackInfo& info) {
  return Code(info, socket_.Release());
}

Napi::Value BareSocketWrap::Close(const Napi::CallbackInfo& info) {
  socket_.Close();
  return info.Env().Undefined();
}

Napi::Value BareSocketWrap::GetDescriptor(const Napi::CallbackInfo& info) {
  return Code(info, socket_.descriptor());
}

Napi::Value BareSocketWrap::Bind(const Napi::CallbackInfo& info) {
  SocketName name;
  const int error = ReadName(info, 0, &name);
  return Code(info, error != 0 ? error : socket_.Bind(name));
}

Napi::Value BareSocketWrap::Connect(const Napi::CallbackInfo& info) {
  SocketName name;
  const int error = ReadName(info, 0, &name);
  return Code(info, error != 0 ? error : socket_.Connect(name));
}

Napi::Value BareSocketWrap::GetError(const Napi::CallbackInfo& info) {
  return Code(info, socket_.GetError());
}

Napi::Value BareSocketWrap::Listen(const Napi::CallbackInfo& info) {
  int32_t backlog = 0;
  if (!ReadInteger(info.Env(), info[0], &backlog)) return Code(info, UV_EINVAL);
  return Code(info, socket_.Listen(backlog));
}

Napi::Value BareSocketWrap::Accept(const Napi::CallbackInfo& info) {
  return Code(info, socket_.Accept(&sender_));
}

Napi::Value BareSocketWrap::Receive(const Napi::CallbackInfo& info) {
  uv_buf_t buffer;
  if (!ReadBuffer(info, &buffer)) return Code(info, UV_EINVAL);
  return Code(info, socket_.Receive(buffer, nullptr));
}

Napi::Value BareSocketWrap::ReceiveFrom(const Napi::CallbackInfo& info) {
  uv_buf_t buffer;
  if (!ReadBuffer(info, &buffer)) return Code(info, UV_EINVAL);
  return Code(info, socket_.Receive(buffer, &sender_));
}

Napi::Value BareSocketWrap::Send(const Napi::CallbackInfo& info) {
  uv_buf_t bytes;
  int64_t offset = -1;
  if (!ReadBytes(info.Env(), info[0], &bytes) ||
      napi_get_value_int64(info.Env(), info[1], &offset) != napi_ok || offset < 0 ||
      static_cast<size_t>(offset) > bytes.len) {
    return Code(info, UV_EINVAL);
  }
  bytes.base += offset;
  bytes.len -= static_cast<size_t>(offset);
  return Code(info, socket_.Send(bytes, nullptr));
}

Napi::Value BareSocketWrap::SendTo(const Napi::CallbackInfo& info) {
  uv_buf_t bytes;
  SocketName name;
  if (!ReadBytes(info.Env(), info[0], &bytes)) return Code(info, UV_EINVAL);
  const int error = ReadName(info, 1, &name);
  return Code(info, error != 0 ? error : socket_.Send(bytes, &name));
}

Napi::Value BareSocketWrap::Shutdown(const Napi::CallbackInfo& info) {
  int32_t how = -1;
  if (!ReadInteger(info.Env(), info[0], &how)) return Code(info, UV_EINVAL);
  return Code(info, socket_.Shutdown(how));
}

Napi::Value BareSocketWrap::GetSocketName(const Napi::CallbackInfo& info) {
  SocketName name;
  const int error = socket_.GetSocketName(&name);
  return error != 0 ? Code(info, error) : MakeName(info.Env(), name);
}

Napi::Value BareSocketWrap::GetPeerName(const Napi::CallbackInfo& info) {
  SocketName name;
  const int error = socket_.GetPeerName(&name);
  return error != 0 ? Code(info, error) : MakeName(info.Env(), name);
}

Napi::Value BareSocketWrap::Sender(const Napi::CallbackInfo& info) {
  return MakeName(info.Env(), sender_);
}

}  // namespace uvio

#else

#include <uv.h>

namespace uvio {

namespace {

Napi::Value Refuse(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), UV_ENOTSUP);
}

class RefusedSocket final : public Napi::ObjectWrap<RefusedSocket> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "BareSocketWrap",
                       {InstanceMethod<&RefusedSocket::Open>("open"),
                        InstanceMethod<&RefusedSocket::Open>("take")});
  }
  explicit RefusedSocket(const Napi::CallbackInfo& info) : Napi::ObjectWrap<RefusedSocket>(info) {}

 private:
  Napi::Value Open(const Napi::CallbackInfo& info) { return Refuse(info); }
};

}  // namespace

void BareSocketWrap::Register(Napi::Env env, Napi::Object exports) {
  exports.Set("BareSocketWrap", RefusedSocket::Define(env));
  for (const char* name :
       {"getSocketOption", "setSocketOption", "offerDescriptor", "takeOffered"}) {
    exports.Set(name, Napi::Function::New(env, Refuse, name));
  }
}

}  // namespace uvio

#endif  // !_WIN32
