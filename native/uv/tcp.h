// A TCP socket, connected or listening: uv_tcp_t with the options that servers set.
//
// Addresses come in as numeric text and go out as sockaddr_storage; names are the resolver's
// business. Invariant: as for every Handle, the object frees itself in its close callback.
#ifndef UVIO_UV_TCP_H_
#define UVIO_UV_TCP_H_

#include <uv.h>

#include <cstdint>

#include "uv/loop.h"
#include "uv/stream.h"

namespace uvio {

class Tcp final : public Stream {
 public:
  static int Create(Loop* loop, StreamListener* listener, Tcp** tcp);

  // Fills `storage` from a numeric IPv4 or IPv6 address (with %scope), or fails with UV_EINVAL.
  static int ParseAddress(const char* address, int port, sockaddr_storage* storage);

  // Bits of what Bind() sets before it binds; contract.ts has the same list.
  enum BindFlag : int32_t { kIpv6Only = 1, kReuseAddress = 2, kReusePort = 4 };
  int Bind(const sockaddr_storage& address, int32_t flags);
  int Connect(const sockaddr_storage& address);

  int Open(int descriptor) override;

  // UV_ENOTCONN, or 0, when the peer has reset the connection already.
  int SetNoDelay(bool enable);
  // `delay` in seconds before the first probe; 0 for the system's.
  int SetKeepAlive(bool enable, int delay);

  int GetSocketName(sockaddr_storage* address) const;
  int GetPeerName(sockaddr_storage* address) const;

 private:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see tcp_
  explicit Tcp(StreamListener* listener)
      : Stream(reinterpret_cast<uv_stream_t*>(&tcp_), listener, true) {}

  // Not initialized here: Handle's constructor has set its data already.
  uv_tcp_t tcp_;
};

}  // namespace uvio

#endif  // UVIO_UV_TCP_H_
