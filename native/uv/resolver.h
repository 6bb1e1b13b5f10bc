// Names to addresses and back on libuv's thread pool (getaddrinfo, getnameinfo).
//
// A Lookup owns itself from its start until its answer has been delivered. Cancel() detaches the
// listener at once; the system call itself may run on, and then ends unheard. What is numeric needs
// no thread and is answered at once.
#ifndef UVIO_UV_RESOLVER_H_
#define UVIO_UV_RESOLVER_H_

#include <uv.h>

#include <functional>

#include "uv/loop.h"

namespace uvio {

class LookupListener {
 public:
  // `list` is valid until the call returns; null when `status` is an error. The Lookup is gone
  // after.
  virtual void OnLookup(int status, const addrinfo* list) = 0;
  // The same for a name; both are null when `status` is an error.
  virtual void OnName(int status, const char* host, const char* service) = 0;

 protected:
  ~LookupListener() = default;
};

class Lookup {
 public:
  // `host` may be null (any or loopback address, by hints.ai_flags).
  static int Start(Loop* loop, const char* host, const char* service, const addrinfo& hints,
                   LookupListener* listener, Lookup** lookup);
  // `flags` are the NI_* of getnameinfo.
  static int StartName(Loop* loop, const sockaddr_storage& address, int flags,
                       LookupListener* listener, Lookup** lookup);
  void Cancel();

  // Answers at once, through a call of `answer` before it returns, what asks nobody: `hints` must
  // say AI_NUMERICHOST and AI_NUMERICSERV, `flags` NI_NUMERICHOST and NI_NUMERICSERV.
  static int Numeric(Loop* loop, const char* host, const char* service, const addrinfo& hints,
                     const std::function<void(const addrinfo* list)>& answer);
  static int NumericName(Loop* loop, const sockaddr_storage& address, int flags,
                         const std::function<void(const char* host, const char* service)>& answer);

 private:
  explicit Lookup(LookupListener* listener) : listener_(listener) {}

  union {
    uv_req_t any;
    uv_getaddrinfo_t addresses;
    uv_getnameinfo_t name;
  } request_{};
  LookupListener* listener_;
};

}  // namespace uvio

#endif  // UVIO_UV_RESOLVER_H_
