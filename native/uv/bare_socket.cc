// A socket that a program uses itself; see bare_socket.h.
#include "uv/bare_socket.h"

#ifndef _WIN32

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace uvio {

namespace {

// Prepare() has seen to it where there is SO_NOSIGPIPE; Apple's headers have flags that its older
// systems do not know.
#if defined(MSG_NOSIGNAL) && !defined(SO_NOSIGPIPE)
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;
#endif

// What the system makes without being told how.
int Prepare(int descriptor) {
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0 ||
      fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) {
    return -errno;
  }
#ifdef SO_NOSIGPIPE
  const int enable = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &enable, sizeof(enable));
#endif
  return 0;
}

// The result of a system call, again as long as a signal interrupts it.
template <typename Call>
ssize_t Retry(Call call) {
  for (;;) {
    const ssize_t result = call();
    if (result >= 0) return result;
    if (errno != EINTR) return -errno;
  }
}

int Code(int result) { return result < 0 ? -errno : result; }

}  // namespace

int BareSocket::Open(int family, int type, int protocol) {
  const int made = socket(family, type, protocol);
  if (made < 0) return -errno;
  const int error = Take(made);
  if (error != 0) close(made);
  return error;
}

int BareSocket::Take(int descriptor) {
  int type;
  socklen_t size = sizeof(type);
  if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return -errno;
  const int error = Prepare(descriptor);
  if (error == 0) descriptor_ = descriptor;
  return error;
}

int BareSocket::Release() { return std::exchange(descriptor_, -1); }

void BareSocket::Close() {
  if (descriptor_ >= 0) close(Release());
}

int BareSocket::Bind(const SocketName& name) {
  return Code(bind(descriptor_, name.raw(), name.size));
}

int BareSocket::Listen(int backlog) { return Code(listen(descriptor_, backlog)); }

int BareSocket::Connect(const SocketName& name) {
  if (connect(descriptor_, name.raw(), name.size) == 0) return 0;
  // Interrupted, it goes on by itself.
  return errno == EINPROGRESS || errno == EINTR ? UV_EALREADY : -errno;
}

int BareSocket::GetError() {
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return -errno;
  return -error;
}

int BareSocket::Accept(SocketName* peer) {
  peer->size = sizeof(peer->address);
#ifdef __linux__
  return static_cast<int>(Retry([&] {
    return accept4(descriptor_, peer->raw(), &peer->size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  }));
#else
  const auto accepted =
      static_cast<int>(Retry([&] { return accept(descriptor_, peer->raw(), &peer->size); }));
  const int error = accepted < 0 ? accepted : Prepare(accepted);
  if (accepted >= 0 && error != 0) close(accepted);
  return error < 0 ? error : accepted;
#endif
}

ssize_t BareSocket::Receive(const uv_buf_t& buffer, SocketName* sender) {
  socklen_t* size = nullptr;
  if (sender != nullptr) {
    sender->size = sizeof(sender->address);
    size = &sender->size;
  }
  sockaddr* address = sender == nullptr ? nullptr : sender->raw();
  return Retry([&] { return recvfrom(descriptor_, buffer.base, buffer.len, 0, address, size); });
}

ssize_t BareSocket::Send(const uv_buf_t& bytes, const SocketName* destination) {
  const sockaddr* address = destination == nullptr ? nullptr : destination->raw();
  const socklen_t size = destination == nullptr ? 0 : destination->size;
  const auto send = [&] {
    return sendto(descriptor_, bytes.base, bytes.len, kSendFlags, address, size);
  };
  const ssize_t sent = Retry(send);
#ifdef __APPLE__
  // A stream that is just being shut down may say this once, and then EPIPE.
  if (sent == -EPROTOTYPE) return Retry(send);
#endif
  return sent;
}

int BareSocket::Shutdown(int how) { return Code(shutdown(descriptor_, how)); }

int BareSocket::GetSocketName(SocketName* name) const {
  name->size = sizeof(name->address);
  return Code(getsockname(descriptor_, name->raw(), &name->size));
}

int BareSocket::GetPeerName(SocketName* name) const {
  name->size = sizeof(name->address);
  return Code(getpeername(descriptor_, name->raw(), &name->size));
}

}  // namespace uvio

#endif  // !_WIN32
