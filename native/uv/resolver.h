// Names to addresses on libuv's thread pool (getaddrinfo).
//
// A Lookup owns itself from Start() until its answer has been delivered. Cancel() detaches the
// listener at once; the system call itself may run on, and then ends unheard.
#ifndef UVIO_UV_RESOLVER_H_
#define UVIO_UV_RESOLVER_H_

#include <uv.h>

#include "uv/loop.h"

namespace uvio {

class LookupListener {
 public:
  // `list` is valid until the call returns; null when `status` is an error. The Lookup is gone
  // after.
  virtual void OnLookup(int status, const addrinfo* list) = 0;

 protected:
  ~LookupListener() = default;
};

class Lookup {
 public:
  // `host` may be null (any or loopback address, by hints.ai_flags).
  static int Start(Loop* loop, const char* host, const char* service, const addrinfo& hints,
                   LookupListener* listener, Lookup** lookup);
  void Cancel();

 private:
  explicit Lookup(LookupListener* listener) : listener_(listener) {}

  uv_getaddrinfo_t request_{};
  LookupListener* listener_;
};

}  // namespace uvio

#endif  // UVIO_UV_RESOLVER_H_
