// The host's OpenSSL: one TLS connection that Node has made and uvio moves the bytes of.
//
// Node links OpenSSL and exports it; nothing is linked here, the few functions are looked up by
// name, and where one of them is missing, or the version is unknown, there is no TlsSession. Only
// functions of OpenSSL's public and stable interface are called. Invariant: the SSL object stays
// Node's; OpenSSL itself says when it is freed, after which every call of the session fails.
#ifndef UVIO_BASE_OPENSSL_H_
#define UVIO_BASE_OPENSSL_H_

#include <cstddef>
#include <string>

struct ssl_st;

namespace uvio {

class TlsSession {
 public:
  // Why an operation stopped; the numbers are those of contract.ts.
  enum Outcome {
    kWantsInput = 0,
    kOutputFull = 1,
    // The peer has said that it sends no more.
    kEnded = 2,
    kFailed = 3,
  };

  TlsSession() = default;
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Whether the host has the OpenSSL that this is written for.
  static bool Available();

  // Takes the one SSL object that this thread makes between the two calls. False when it made none,
  // or several.
  void BeginCapture();
  bool EndCapture();
  // The handshake is over: later ones, which Node would have to steer, are refused from now on.
  void TakeOver();

  bool open() const { return ssl_ != nullptr; }
  // Encrypted bytes that came from the peer.
  bool Feed(const char* bytes, size_t size);
  // Decrypts what has come, as much as fits.
  Outcome Read(char* bytes, size_t size, size_t* read);
  // Encrypts all of it, into what Take() gives.
  bool Write(const char* bytes, size_t size);
  // Says that nothing more is sent.
  bool Shutdown();
  // Encrypted bytes for the peer: how many wait, and up to `size` of them.
  size_t Pending() const;
  size_t Take(char* bytes, size_t size);
  // What failed last, in OpenSSL's words.
  const std::string& error() const { return error_; }

 private:
  friend struct CaptureHooks;
  class Use;

  bool Failed();

  ssl_st* ssl_ = nullptr;
  int captured_ = 0;
  std::string error_;
};

}  // namespace uvio

#endif  // UVIO_BASE_OPENSSL_H_
