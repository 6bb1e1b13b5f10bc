// A socket that a program uses itself, call by call: what Python's users have as socket.socket.
//
// No libuv handle: each method is one system call that never waits. It answers with 0 or a count,
// or with a negative libuv code, UV_EAGAIN where the call would have waited. Invariant: the object
// owns its descriptor, which is non-blocking and closed on exec, and closes it once. Unix systems
// only.
#ifndef UVIO_UV_BARE_SOCKET_H_
#define UVIO_UV_BARE_SOCKET_H_

#ifndef _WIN32

#include <sys/socket.h>
#include <uv.h>

#include <cstddef>

namespace uvio {

// An address of any family; a size of 0 is none.
struct SocketName {
  sockaddr_storage address{};
  socklen_t size = 0;

  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&address); }
  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&address); }
};

class BareSocket {
 public:
  BareSocket() = default;
  ~BareSocket() { Close(); }
  BareSocket(const BareSocket&) = delete;
  BareSocket& operator=(const BareSocket&) = delete;

  int Open(int family, int type, int protocol);
  // Takes over a descriptor, which becomes non-blocking; UV_ENOTSOCK for anything else.
  int Take(int descriptor);
  // Gives the descriptor away; -1 when closed.
  int Release();
  void Close();
  int descriptor() const { return descriptor_; }

  int Bind(const SocketName& name);
  int Listen(int backlog);
  // UV_EALREADY: under way; the socket becomes writable when it is decided, as GetError() tells.
  int Connect(const SocketName& name);
  // How the attempt to connect has ended.
  int GetError();
  // A descriptor that is the caller's, with the name of its peer.
  int Accept(SocketName* peer);
  // `sender` may be null.
  ssize_t Receive(const uv_buf_t& buffer, SocketName* sender);
  // `destination` is null for a connected socket.
  ssize_t Send(const uv_buf_t& bytes, const SocketName* destination);
  int Shutdown(int how);
  int GetSocketName(SocketName* name) const;
  int GetPeerName(SocketName* name) const;

 private:
  int descriptor_ = -1;
};

}  // namespace uvio

#endif  // !_WIN32

#endif  // UVIO_UV_BARE_SOCKET_H_
