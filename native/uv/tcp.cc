// A TCP socket; see tcp.h.
#include "uv/tcp.h"

#ifndef _WIN32
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#endif

#include <memory>

namespace uvio {

int Tcp::Create(Loop* loop, StreamListener* listener, Tcp** tcp) {
  std::unique_ptr<Tcp, void (*)(Tcp*)> created(new Tcp(listener), [](Tcp* self) { delete self; });
  const int error = uv_tcp_init(loop->raw(), &created->tcp_);
  if (error == 0) *tcp = created.release();
  return error;
}

int Tcp::ParseAddress(const char* address, int port, sockaddr_storage* storage) {
  if (uv_ip4_addr(address, port, reinterpret_cast<sockaddr_in*>(storage)) == 0) return 0;
  return uv_ip6_addr(address, port, reinterpret_cast<sockaddr_in6*>(storage));
}

int Tcp::SetReusePort(int family) {
#if defined(SO_REUSEPORT) && !defined(_WIN32)
  // UV_TCP_REUSEPORT is younger than the oldest libuv we run on, and the option must be set before
  // bind, so the socket is made here.
  const int descriptor = socket(family, SOCK_STREAM, 0);
  if (descriptor < 0) return -errno;
  const int enable = 1;
  int error = 0;
  if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &enable, sizeof(enable)) != 0) {
    error = -errno;
  }
  // uv_tcp_open makes it non-blocking; close-on-exec is ours to set.
  if (error == 0 && fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) error = -errno;
  if (error == 0) error = uv_tcp_open(&tcp_, descriptor);
  if (error != 0) close(descriptor);
  return error;
#else
  (void)family;
  return UV_ENOTSUP;
#endif
}

int Tcp::Bind(const sockaddr_storage& address, const BindOptions& options) {
  if (options.reuse_port) {
    const int error = SetReusePort(address.ss_family);
    if (error != 0) return error;
  }
  const unsigned flags = options.ipv6_only ? UV_TCP_IPV6ONLY : 0;
  return uv_tcp_bind(&tcp_, reinterpret_cast<const sockaddr*>(&address), flags);
}

int Tcp::Connect(const sockaddr_storage& address) {
  auto* request = new uv_connect_t;
  const auto connected = [](uv_connect_t* raw, int status) {
    std::unique_ptr<uv_connect_t> done(raw);
    Tcp* self = static_cast<Tcp*>(Of(raw->handle));
    if (self->listener() != nullptr) self->listener()->OnConnected(status);
  };
  const int error =
      uv_tcp_connect(request, &tcp_, reinterpret_cast<const sockaddr*>(&address), connected);
  if (error != 0) delete request;
  return error;
}

int Tcp::Open(int descriptor) { return uv_tcp_open(&tcp_, descriptor); }

int Tcp::GetSocketName(sockaddr_storage* address) const {
  int size = sizeof(*address);
  return uv_tcp_getsockname(&tcp_, reinterpret_cast<sockaddr*>(address), &size);
}

int Tcp::GetPeerName(sockaddr_storage* address) const {
  int size = sizeof(*address);
  return uv_tcp_getpeername(&tcp_, reinterpret_cast<sockaddr*>(address), &size);
}

}  // namespace uvio
