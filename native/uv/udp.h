// A UDP socket: uv_udp_t, received from in batches.
//
// On Linux one recvmmsg() takes up to kBatch datagrams and sends go straight to the socket; libuv
// would receive them one by one. Sends are tried at once; only what the kernel does not take now is
// copied and queued. Errors of the network (a port that nobody listens on) are reported and end
// nothing.
#ifndef UVIO_UV_UDP_H_
#define UVIO_UV_UDP_H_

#include <uv.h>

#include <cstddef>

#include "uv/handle.h"
#include "uv/loop.h"

namespace uvio {

struct Datagram {
  const char* base;
  size_t size;
  const sockaddr* sender;
};

class UdpListener : public HandleListener {
 public:
  // At most Udp::kBatch datagrams, valid until the call returns. The listener may close the socket.
  virtual void OnDatagrams(const Datagram* datagrams, size_t count) = 0;
  virtual void OnReceiveError(int status) = 0;
  // A queued datagram of `size` bytes has left, or failed with `status`.
  virtual void OnSent(int status, size_t size) = 0;

 protected:
  ~UdpListener() = default;
};

class Udp final : public Handle {
 public:
  static constexpr size_t kBatch = 32;

  // `family` is AF_INET or AF_INET6, or AF_UNSPEC for a socket that Adopt() brings.
  static int Create(Loop* loop, int family, UdpListener* listener, Udp** udp);

  // Works on a duplicate of a descriptor that others have; see descriptor.h.
  int Adopt(int descriptor);
  // Closes the adopted descriptor itself, too, in the end.
  void TakeOver(int descriptor) { original_ = descriptor; }

  int Bind(const sockaddr_storage& address, bool reuse_port);
  int Connect(const sockaddr_storage& address);
  int ReceiveStart();
  int ReceiveStop() { return uv_udp_recv_stop(&udp_); }

  // 0: the datagram has left. UV_EAGAIN: it has to be queued. `address` is null for a connected
  // socket.
  int TrySend(const uv_buf_t& bytes, const sockaddr_storage* address);
  int QueueSend(const uv_buf_t& bytes, const sockaddr_storage* address);

  // The socket's options, and its names, are libuv's functions of the handle.
  uv_udp_t* raw() { return &udp_; }

 private:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see udp_
  Udp(Loop* loop, UdpListener* listener)
      : Handle(reinterpret_cast<uv_handle_t*>(&udp_), listener), loop_(loop), listener_(listener) {}
  ~Udp() override = default;

  void ReceiveBatch();
  UdpListener* listener() { return closing() ? nullptr : listener_; }
  void DropListener() override { listener_ = nullptr; }
  void OnClosing() override;
  static Udp* Of(uv_udp_t* raw) {
    return static_cast<Udp*>(From(reinterpret_cast<uv_handle_t*>(raw)));
  }

  // Not initialized here: Handle's constructor has set its data already.
  uv_udp_t udp_;
  Loop* loop_;
  UdpListener* listener_;
  // What was taken over, or -1.
  int original_ = -1;
};

}  // namespace uvio

#endif  // UVIO_UV_UDP_H_
