// A TCP socket; see tcp.h.
#include "uv/tcp.h"

#ifndef _WIN32
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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

#ifndef _WIN32

namespace {

// The outcome of setting an option that every connection has. macOS says EINVAL of one that the
// peer has reset already.
int Setting(int error) {
#ifdef __APPLE__
  if (error == UV_EINVAL) return UV_ENOTCONN;
#endif
  return error;
}

// A socket with these options, bound; or an error. Made here because libuv's own bind() always
// reuses addresses, keeps the news of a port in use to itself, and learned of ports that are shared
// only lately.
int BoundSocket(const sockaddr_storage& address, int32_t flags) {
  const bool is_ipv6 = address.ss_family == AF_INET6;
  const int descriptor = socket(address.ss_family, SOCK_STREAM, 0);
  if (descriptor < 0) return -errno;
  const auto set = [descriptor](int level, int option, int value) {
    return setsockopt(descriptor, level, option, &value, sizeof(value)) == 0;
  };
  const socklen_t size = is_ipv6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  // uv_tcp_open() makes it non-blocking.
  if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 &&
      ((flags & Tcp::kReuseAddress) == 0 || set(SOL_SOCKET, SO_REUSEADDR, 1)) &&
      ((flags & Tcp::kReusePort) == 0 || set(SOL_SOCKET, SO_REUSEPORT, 1)) &&
      (!is_ipv6 || set(IPPROTO_IPV6, IPV6_V6ONLY, (flags & Tcp::kIpv6Only) != 0 ? 1 : 0)) &&
      bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) == 0) {
    return descriptor;
  }
  const int error = -errno;
  close(descriptor);
  return error;
}

}  // namespace

int Tcp::Bind(const sockaddr_storage& address, int32_t flags) {
  const int descriptor = BoundSocket(address, flags);
  if (descriptor < 0) return descriptor;
  const int error = uv_tcp_open(&tcp_, descriptor);
  if (error != 0) close(descriptor);
  return error;
}

int Tcp::SetNoDelay(bool enable) { return Setting(uv_tcp_nodelay(&tcp_, enable ? 1 : 0)); }

int Tcp::SetKeepAlive(bool enable, int delay) {
  uv_os_fd_t descriptor;
  const int error = Descriptor(&descriptor);
  if (error != 0) return error;
  const int value = enable ? 1 : 0;
  if (setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &value, sizeof(value)) != 0) {
    return Setting(-errno);
  }
#ifdef TCP_KEEPIDLE
  constexpr int kIdle = TCP_KEEPIDLE;
#else
  constexpr int kIdle = TCP_KEEPALIVE;
#endif
  if (!enable || delay == 0) return 0;
  return setsockopt(descriptor, IPPROTO_TCP, kIdle, &delay, sizeof(delay)) == 0 ? 0 : -errno;
}

#else

int Tcp::Bind(const sockaddr_storage& address, int32_t flags) {
  if ((flags & kReusePort) != 0) return UV_ENOTSUP;
  // Nobody else can bind an address that is in use, with or without kReuseAddress.
  const bool only = address.ss_family == AF_INET6 && (flags & kIpv6Only) != 0;
  const unsigned options = only ? UV_TCP_IPV6ONLY : 0;
  const int error = uv_tcp_bind(&tcp_, reinterpret_cast<const sockaddr*>(&address), options);
  // libuv keeps the news of an address in use to itself until somebody asks for something else.
  sockaddr_storage bound;
  return error != 0 ? error : GetSocketName(&bound);
}

int Tcp::SetNoDelay(bool enable) { return uv_tcp_nodelay(&tcp_, enable ? 1 : 0); }

int Tcp::SetKeepAlive(bool enable, int delay) {
  return uv_tcp_keepalive(&tcp_, enable ? 1 : 0, static_cast<unsigned>(delay));
}

#endif  // !_WIN32

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
