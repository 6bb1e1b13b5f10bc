// A UDP socket; see udp.h.
#include "uv/udp.h"

#include "uv/descriptor.h"

#ifdef __linux__
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <cerrno>
#include <cstring>
#include <memory>

namespace uvio {

namespace {

// More than any datagram.
constexpr size_t kLargest = size_t{64} * 1024;

#if defined(__linux__) && defined(SYS_sendto)
constexpr bool kDirect = true;
#else
constexpr bool kDirect = false;
#endif

// What the sockets of one loop receive into. Mostly address space: of the memory behind it only
// what datagrams have reached is ever used.
struct ReceiveSpace {
  ReceiveSpace() : memory(new char[Udp::kBatch * kLargest]) {
#ifdef __linux__
    for (size_t index = 0; index < Udp::kBatch; index++) {
      vectors[index] = {slot(index), kLargest};
      messages[index] = {};
      messages[index].msg_hdr.msg_name = &senders[index];
      messages[index].msg_hdr.msg_iov = &vectors[index];
      messages[index].msg_hdr.msg_iovlen = 1;
    }
#endif
  }

  char* slot(size_t index) { return memory.get() + index * kLargest; }

  std::unique_ptr<char[]> memory;
  Datagram datagrams[Udp::kBatch] = {};
#ifdef __linux__
  sockaddr_storage senders[Udp::kBatch] = {};
  iovec vectors[Udp::kBatch] = {};
  mmsghdr messages[Udp::kBatch] = {};
#endif
};

struct SendRequest {
  uv_udp_send_t raw{};
  std::unique_ptr<char[]> bytes;
  size_t size = 0;
};

ReceiveSpace* SpaceOf(Loop* loop) {
  if (loop->receive_space == nullptr) loop->receive_space = std::make_shared<ReceiveSpace>();
  return static_cast<ReceiveSpace*>(loop->receive_space.get());
}

const sockaddr* AsSockaddr(const sockaddr_storage* address) {
  return reinterpret_cast<const sockaddr*>(address);
}

}  // namespace

int Udp::Create(Loop* loop, int family, UdpListener* listener, Udp** udp) {
  auto* created = new Udp(loop, listener);
  const int error = uv_udp_init_ex(loop->raw(), &created->udp_, static_cast<unsigned>(family));
  if (error != 0) {
    delete created;
    return error;
  }
  *udp = created;
  return 0;
}

int Udp::Adopt(int descriptor) {
  int duplicate;
  int error = DuplicateDescriptor(descriptor, &duplicate);
  if (error != 0) return error;
  error = CheckWatchable(loop_->raw(), duplicate);
  if (error == 0) error = uv_udp_open(&udp_, duplicate);
  if (error != 0) CloseDescriptor(duplicate);
  return error;
}

void Udp::OnClosing() {
#ifndef _WIN32
  int descriptor;
  if (original_ >= 0 && uv_fileno(reinterpret_cast<uv_handle_t*>(&udp_), &descriptor) == 0) {
    CloseOriginal(original_, descriptor);
  }
#endif
}

int Udp::Bind(const sockaddr_storage& address, bool reuse_port) {
  if (reuse_port) {
#if defined(SO_REUSEPORT) && !defined(_WIN32)
    int descriptor;
    const int error = uv_fileno(reinterpret_cast<uv_handle_t*>(&udp_), &descriptor);
    if (error != 0) return error;
    const int enable = 1;
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &enable, sizeof(enable)) != 0) {
      return -errno;
    }
#else
    return UV_ENOTSUP;
#endif
  }
  return uv_udp_bind(&udp_, AsSockaddr(&address), 0);
}

int Udp::Connect(const sockaddr_storage& address) {
  return uv_udp_connect(&udp_, AsSockaddr(&address));
}

int Udp::ReceiveStart() {
  return uv_udp_recv_start(
      &udp_,
      [](uv_handle_t* raw, size_t, uv_buf_t* buffer) {
        *buffer = uv_buf_init(nullptr, 0);
        // No memory makes libuv call back with UV_ENOBUFS at once: its way of saying that there is
        // something to receive.
        if (kDirect) return;
        Loop* loop = static_cast<Udp*>(From(raw))->loop_;
        *buffer = uv_buf_init(SpaceOf(loop)->slot(0), static_cast<unsigned>(kLargest));
      },
      [](uv_udp_t* raw, ssize_t size, const uv_buf_t* buffer, const sockaddr* sender, unsigned) {
        Udp* self = Of(raw);
        if (self->listener() == nullptr) return;
        if (kDirect && size == UV_ENOBUFS) return self->ReceiveBatch();
        if (size < 0) return self->listener_->OnReceiveError(static_cast<int>(size));
        // Nothing from nobody is EAGAIN.
        if (sender == nullptr) return;
        const Datagram datagram{buffer->base, static_cast<size_t>(size), sender};
        self->listener_->OnDatagrams(&datagram, 1);
      });
}

void Udp::ReceiveBatch() {
#ifdef __linux__
  ReceiveSpace* space = SpaceOf(loop_);
  int descriptor;
  if (uv_fileno(reinterpret_cast<uv_handle_t*>(&udp_), &descriptor) != 0) return;
  for (mmsghdr& message : space->messages) {
    message.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
  }
  int count;
  do {
    count = recvmmsg(descriptor, space->messages, kBatch, MSG_DONTWAIT, nullptr);
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK) listener_->OnReceiveError(-errno);
    return;
  }
  const auto received = static_cast<size_t>(count);
  for (size_t index = 0; index < received; index++) {
    space->datagrams[index] = {space->slot(index), space->messages[index].msg_len,
                               AsSockaddr(&space->senders[index])};
  }
  listener_->OnDatagrams(space->datagrams, received);
#endif
}

int Udp::TrySend(const uv_buf_t& bytes, const sockaddr_storage* address) {
  if (uv_udp_get_send_queue_count(&udp_) > 0) return UV_EAGAIN;
#if defined(__linux__) && defined(SYS_sendto)
  int descriptor;
  const int error = uv_fileno(reinterpret_cast<uv_handle_t*>(&udp_), &descriptor);
  if (error != 0) return error;
  const socklen_t size = address == nullptr               ? 0
                         : address->ss_family == AF_INET6 ? sizeof(sockaddr_in6)
                                                          : sizeof(sockaddr_in);
  for (;;) {
    const long sent = syscall(SYS_sendto, descriptor, bytes.base, bytes.len,
                              MSG_DONTWAIT | MSG_NOSIGNAL, address, size);
    if (sent >= 0) return 0;
    if (errno != EINTR) return -errno;
  }
#else
  const int sent = uv_udp_try_send(&udp_, &bytes, 1, AsSockaddr(address));
  return sent < 0 ? sent : 0;
#endif
}

int Udp::QueueSend(const uv_buf_t& bytes, const sockaddr_storage* address) {
  auto request = std::make_unique<SendRequest>();
  request->raw.data = request.get();
  request->size = bytes.len;
  request->bytes.reset(new char[bytes.len]);
  if (bytes.len > 0) std::memcpy(request->bytes.get(), bytes.base, bytes.len);
  const uv_buf_t copy = uv_buf_init(request->bytes.get(), static_cast<unsigned>(bytes.len));
  const int error = uv_udp_send(
      &request->raw, &udp_, &copy, 1, AsSockaddr(address), [](uv_udp_send_t* raw, int status) {
        std::unique_ptr<SendRequest> done(static_cast<SendRequest*>(raw->data));
        UdpListener* listener = Of(raw->handle)->listener();
        if (listener != nullptr) listener->OnSent(status, done->size);
      });
  if (error == 0) (void)request.release();  // the callback frees it
  return error;
}

}  // namespace uvio
