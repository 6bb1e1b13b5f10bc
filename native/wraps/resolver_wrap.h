// The JavaScript class LookupWrap: one name being resolved.
//
// Holds itself and its owner from start() until the answer has been delivered or cancel() was
// called; the thread that asks the system may outlive both.
#ifndef UVIO_WRAPS_RESOLVER_WRAP_H_
#define UVIO_WRAPS_RESOLVER_WRAP_H_

#include <napi.h>

#include "bridge/dispatch.h"
#include "uv/resolver.h"

namespace uvio {

class LookupWrap final : public Napi::ObjectWrap<LookupWrap>, private LookupListener {
 public:
  static void Register(Napi::Env env, Napi::Object exports);

  // (loop, owner)
  explicit LookupWrap(const Napi::CallbackInfo& info);
  ~LookupWrap() override;

 private:
  // (host | null, service | null, family: 0 | 4 | 6, flags)
  Napi::Value Start(const Napi::CallbackInfo& info);
  Napi::Value Cancel(const Napi::CallbackInfo& info);

  void OnLookup(int status, const addrinfo* list) override;
  void Finish();

  // The loop's, while a lookup is under way: until it has ended the loop cannot close entirely.
  Dispatch* dispatch_ = nullptr;
  Napi::ObjectReference loop_;
  Lookup* lookup_ = nullptr;
  Napi::ObjectReference owner_;
};

}  // namespace uvio

#endif  // UVIO_WRAPS_RESOLVER_WRAP_H_
