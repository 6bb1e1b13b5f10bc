// The JavaScript class TlsWrap: the bytes of one TLS connection, once Node has made its handshake.
//
// Holds no uv handle: encrypted bytes come from a stream's owner and go to it. A result is one
// number, so that no call makes an object: bytes * 8, plus 4 when encrypted bytes wait for take(),
// plus a TlsSession::Outcome. It is -1 when Node has freed the connection.
#ifndef UVIO_WRAPS_TLS_WRAP_H_
#define UVIO_WRAPS_TLS_WRAP_H_

#include <napi.h>

#include "base/openssl.h"
#include "bridge/value.h"

namespace uvio {

class TlsWrap final : public Napi::ObjectWrap<TlsWrap> {
 public:
  // Registers nothing where the host has no OpenSSL to work with.
  static void Register(Napi::Env env, Napi::Object exports);

  explicit TlsWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<TlsWrap>(info) {}

 private:
  using Values = Arguments<TlsWrap, 3>;
  using Method = napi_value (TlsWrap::*)(napi_env env, const Values& values);

  template <Method kMethod>
  static Napi::ClassPropertyDescriptor<TlsWrap> Define(const char* name);

  Napi::Value BeginCapture(const Napi::CallbackInfo& info);
  Napi::Value EndCapture(const Napi::CallbackInfo& info);
  Napi::Value GetError(const Napi::CallbackInfo& info);

  // (): how many encrypted bytes wait, as bytes * 8.
  napi_value Pending(napi_env env, const Values& values);
  napi_value TakeOver(napi_env env, const Values& values);
  // (bytes): encrypted ones, which are decrypted in place as far as that goes.
  napi_value Decrypt(napi_env env, const Values& values);
  // (space)
  napi_value Read(napi_env env, const Values& values);
  // (bytes, size, space): encrypts the first `size` bytes; the result counts those in `space`.
  napi_value Encrypt(napi_env env, const Values& values);
  // (space)
  napi_value Take(napi_env env, const Values& values);
  // (space): as Take, with the word that nothing more is sent.
  napi_value Shutdown(napi_env env, const Values& values);

  napi_value Result(napi_env env, size_t size, TlsSession::Outcome outcome) const;

  TlsSession session_;
};

}  // namespace uvio

#endif  // UVIO_WRAPS_TLS_WRAP_H_
