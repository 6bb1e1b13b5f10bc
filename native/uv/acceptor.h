// Accepts connections on a listening socket, and stops when the system runs out of resources.
//
// libuv's own accepting closes the connections that wait when descriptors run out, and tells
// nobody. Here they stay in the kernel's queue: the listener hears of the error, accepting stops,
// and Start() resumes it, as it does after Stop(). Linux and other Unix systems only. A connection
// that the listener does not take with TakeAccepted() inside OnAccepted() is closed.
#ifndef UVIO_UV_ACCEPTOR_H_
#define UVIO_UV_ACCEPTOR_H_

#include <uv.h>

#include "uv/handle.h"
#include "uv/loop.h"

namespace uvio {

class AcceptorListener {
 public:
  // 0: a connection is there to be taken. An error: accepting has stopped.
  virtual void OnAccepted(int status) = 0;

 protected:
  ~AcceptorListener() = default;
};

#ifndef _WIN32
#define UVIO_HAS_ACCEPTOR 1

class Acceptor final : public Handle {
 public:
  // Listens on a duplicate of `descriptor`, which must be bound.
  static int Create(uv_loop_t* loop, int descriptor, AcceptorListener* listener,
                    Acceptor** acceptor);

  int Start(int backlog);
  // Leaves connections in the kernel's queue until Start().
  int Stop() { return uv_poll_stop(&poll_); }

  // The connection's descriptor, now the caller's; UV_EAGAIN when there is none.
  int TakeAccepted();

 private:
  Acceptor(int descriptor, AcceptorListener* listener);
  ~Acceptor() override = default;

  void AcceptAll();
  void OnClosing() override;
  void DropListener() override { listener_ = nullptr; }

  // Not initialized here: Handle's constructor has set its data already.
  uv_poll_t poll_;
  int descriptor_;
  int accepted_ = -1;
  AcceptorListener* listener_;
};

#endif  // !_WIN32

}  // namespace uvio

#endif  // UVIO_UV_ACCEPTOR_H_
