// Waits for the events of a loop on another thread than the loop's, and takes none of them.
//
// Windows: on the completion port; what is taken out of it to be seen is put back, so it may come
// to libuv behind packets that were posted after it. libuv orders nothing by them: a handle has one
// read under way, and writes are counted. Elsewhere: select() of the backend descriptor, which is
// what libuv's own tests wait for a kqueue with.
#ifndef UVIO_UV_BACKEND_WAIT_H_
#define UVIO_UV_BACKEND_WAIT_H_

#include <uv.h>

#ifndef _WIN32
#include <sys/select.h>

#include <vector>

#include "uv/unique_descriptor.h"
#endif

namespace uvio {

class BackendWait {
 public:
  int Init(const uv_loop_t* loop);

  // True when an event is there; false when it was interrupted or the time was up.
  bool Wait(int milliseconds);

  // Ends a Wait() on another thread, or the next. On Windows the loop's thread must not poll
  // meanwhile: it would take the interruption away.
  void Interrupt();

 private:
#ifdef _WIN32
  HANDLE port_ = nullptr;
#else
  int backend_ = -1;
  UniqueDescriptor interruption_;
  UniqueDescriptor interrupter_;
  // An fd_set that is long enough for both.
  std::vector<fd_mask> watched_;
#endif
};

}  // namespace uvio

#endif  // UVIO_UV_BACKEND_WAIT_H_
