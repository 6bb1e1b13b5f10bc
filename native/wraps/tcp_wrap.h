// The JavaScript class TcpWrap: one TCP socket, connected or listening.
//
// Adds to StreamWrap what only TCP has: addresses and socket options. Methods return 0 or a
// negative libuv code.
#ifndef UVIO_WRAPS_TCP_WRAP_H_
#define UVIO_WRAPS_TCP_WRAP_H_

#include <napi.h>

#include "uv/tcp.h"
#include "wraps/stream_wrap.h"

namespace uvio {

class TcpWrap final : public Napi::ObjectWrap<TcpWrap>, public StreamWrap {
 public:
  static const napi_type_tag kTag;

  static void Register(Napi::Env env, Napi::Object exports);

  // (loop, owner): throws with libuv's code when no handle can be made.
  explicit TcpWrap(const Napi::CallbackInfo& info);

 private:
  friend class StreamWrap;

  // (address, port, Tcp::BindFlag)
  Napi::Value Bind(const Napi::CallbackInfo& info);
  Napi::Value Connect(const Napi::CallbackInfo& info);
  Napi::Value SetNoDelay(const Napi::CallbackInfo& info);
  Napi::Value SetKeepAlive(const Napi::CallbackInfo& info);
  Napi::Value GetSocketName(const Napi::CallbackInfo& info);
  Napi::Value GetPeerName(const Napi::CallbackInfo& info);

  Tcp* tcp() const;
  int ReadAddress(const Napi::CallbackInfo& info, sockaddr_storage* storage) const;
};

}  // namespace uvio

#endif  // UVIO_WRAPS_TCP_WRAP_H_
