// The JavaScript class BareSocketWrap: a socket that a program uses call by call.
//
// It belongs to no loop; collected, it closes its descriptor. Methods return 0, a count or a
// negative libuv code. An address is a numeric one with its port, or the bytes of a unix socket's
// name.
#ifndef UVIO_WRAPS_BARE_SOCKET_WRAP_H_
#define UVIO_WRAPS_BARE_SOCKET_WRAP_H_

#include <napi.h>

#include "uv/bare_socket.h"

namespace uvio {

#ifndef _WIN32

class BareSocketWrap final : public Napi::ObjectWrap<BareSocketWrap> {
 public:
  // Registers the functions of any descriptor, too: getSocketOption, setSocketOption,
  // offerDescriptor, takeOffered.
  static void Register(Napi::Env env, Napi::Object exports);

  explicit BareSocketWrap(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<BareSocketWrap>(info) {}

 private:
  // (family: 4 | 6, or 0 for unix, type, protocol)
  Napi::Value Open(const Napi::CallbackInfo& info);
  Napi::Value Take(const Napi::CallbackInfo& info);
  Napi::Value Release(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);
  Napi::Value GetDescriptor(const Napi::CallbackInfo& info);
  // (address, port) or (name)
  Napi::Value Bind(const Napi::CallbackInfo& info);
  Napi::Value Connect(const Napi::CallbackInfo& info);
  Napi::Value GetError(const Napi::CallbackInfo& info);
  // (backlog)
  Napi::Value Listen(const Napi::CallbackInfo& info);
  Napi::Value Accept(const Napi::CallbackInfo& info);
  // (bytes, size)
  Napi::Value Receive(const Napi::CallbackInfo& info);
  Napi::Value ReceiveFrom(const Napi::CallbackInfo& info);
  // (bytes, offset)
  Napi::Value Send(const Napi::CallbackInfo& info);
  // (bytes, address, port) or (bytes, name)
  Napi::Value SendTo(const Napi::CallbackInfo& info);
  // (how)
  Napi::Value Shutdown(const Napi::CallbackInfo& info);
  Napi::Value GetSocketName(const Napi::CallbackInfo& info);
  Napi::Value GetPeerName(const Napi::CallbackInfo& info);
  // Whom the last accept() or receiveFrom() was from.
  Napi::Value Sender(const Napi::CallbackInfo& info);

  BareSocket socket_;
  SocketName sender_;
};

#else

// Where it and the functions have nothing but UV_ENOTSUP to answer.
class BareSocketWrap final {
 public:
  static void Register(Napi::Env env, Napi::Object exports);
};

#endif  // !_WIN32

}  // namespace uvio

#endif  // UVIO_WRAPS_BARE_SOCKET_WRAP_H_
