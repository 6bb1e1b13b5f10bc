// Accepts connections on a listening socket; see acceptor.h.
#include "uv/acceptor.h"

#ifdef UVIO_HAS_ACCEPTOR

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace uvio {

namespace {

// So that a flood of connections does not keep the loop from everything else.
constexpr unsigned kAcceptsPerEvent = 64;

int AcceptOne(int descriptor) {
#ifdef __linux__
  return accept4(descriptor, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
  const int accepted = accept(descriptor, nullptr, nullptr);
  if (accepted >= 0) fcntl(accepted, F_SETFD, FD_CLOEXEC);
  return accepted;
#endif
}

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see poll_
Acceptor::Acceptor(int descriptor, AcceptorListener* listener)
    : Handle(reinterpret_cast<uv_handle_t*>(&poll_), nullptr),
      descriptor_(descriptor),
      listener_(listener) {}

int Acceptor::Create(uv_loop_t* loop, int descriptor, AcceptorListener* listener,
                     Acceptor** acceptor) {
  const int duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return -errno;
  auto* created = new Acceptor(duplicate, listener);
  const int error = uv_poll_init(loop, &created->poll_, duplicate);
  if (error != 0) {
    close(duplicate);
    delete created;
    return error;
  }
  *acceptor = created;
  return 0;
}

int Acceptor::Start(int backlog) {
  if (listen(descriptor_, backlog) != 0) return -errno;
  return uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* raw, int, int) {
    static_cast<Acceptor*>(From(reinterpret_cast<uv_handle_t*>(raw)))->AcceptAll();
  });
}

void Acceptor::AcceptAll() {
  for (unsigned count = 0; count < kAcceptsPerEvent && listener_ != nullptr; count++) {
    accepted_ = AcceptOne(descriptor_);
    if (accepted_ < 0) {
      const int error = errno;
      if (error == EAGAIN || error == EWOULDBLOCK) return;
      // The peer gave up while it waited.
      if (error == ECONNABORTED || error == EINTR) continue;
      uv_poll_stop(&poll_);
      listener_->OnAccepted(-error);
      return;
    }
    listener_->OnAccepted(0);
    if (accepted_ >= 0) close(TakeAccepted());
    // The listener may have stopped or closed it.
    if (uv_is_active(reinterpret_cast<uv_handle_t*>(&poll_)) == 0) return;
  }
}

int Acceptor::TakeAccepted() { return accepted_ < 0 ? UV_EAGAIN : std::exchange(accepted_, -1); }

void Acceptor::OnClosing() {
  // At once, so that nobody can connect any more.
  uv_poll_stop(&poll_);
  close(descriptor_);
}

}  // namespace uvio

#endif  // UVIO_HAS_ACCEPTOR
