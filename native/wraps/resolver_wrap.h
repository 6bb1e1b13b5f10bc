// The JavaScript class LookupWrap: one name being resolved, or one address being named.
//
// Holds itself and its owner from its start until the answer has been delivered or cancel() was
// called; the thread that asks the system may outlive both. One question each.
#ifndef UVIO_WRAPS_RESOLVER_WRAP_H_
#define UVIO_WRAPS_RESOLVER_WRAP_H_

#include <napi.h>

#include <string>

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
  struct Question {
    std::string host;
    std::string service;
    bool has_host = false;
    bool has_service = false;
    addrinfo hints{};
    const char* host_text() const { return has_host ? host.c_str() : nullptr; }
    const char* service_text() const { return has_service ? service.c_str() : nullptr; }
  };

  // (host | null, service | null, family: 0 | 4 | 6, type, protocol, flags)
  Napi::Value Start(const Napi::CallbackInfo& info);
  // As start, for what is numeric: the answer, or a negative code.
  Napi::Value Numeric(const Napi::CallbackInfo& info);
  // (address, port, flags)
  Napi::Value StartName(const Napi::CallbackInfo& info);
  Napi::Value NumericName(const Napi::CallbackInfo& info);
  Napi::Value Cancel(const Napi::CallbackInfo& info);

  static Question ReadQuestion(const Napi::CallbackInfo& info);
  // Whether nothing has been asked yet and the loop is open; `code` says why not.
  bool CanAsk(int* code);
  Napi::Value Asked(Napi::Env env, int error);

  void OnLookup(int status, const addrinfo* list) override;
  void OnName(int status, const char* host, const char* service) override;
  void Answer(int status, napi_value answer);

  // The owner usually holds the wrap, so the wrap holds the owner only while it has to.
  void Hold() {
    owner_.Ref();
    Ref();
  }
  void LetGo() {
    owner_.Unref();
    Unref();
  }

  // The loop's, while a lookup is under way: until it has ended the loop cannot close entirely.
  Dispatch* dispatch_ = nullptr;
  Napi::ObjectReference loop_;
  Lookup* lookup_ = nullptr;
  Napi::ObjectReference owner_;
};

}  // namespace uvio

#endif  // UVIO_WRAPS_RESOLVER_WRAP_H_
