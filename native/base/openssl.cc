// The host's OpenSSL; see openssl.h.
#include "base/openssl.h"

#include <cstdint>

#ifndef _WIN32
#include <dlfcn.h>
#endif

struct bio_st;
struct crypto_ex_data_st;

namespace uvio {

namespace {

// From OpenSSL's headers, which are not needed otherwise.
constexpr int kExIndexSsl = 0;
constexpr int kErrorWantRead = 2;
constexpr int kErrorZeroReturn = 6;
constexpr uint64_t kNoRenegotiation = uint64_t{1} << 30;

using NewHook = void (*)(void*, void*, crypto_ex_data_st*, int, long, void*);
using FreeHook = void (*)(void*, void*, crypto_ex_data_st*, int, long, void*);

struct OpenSsl {
  unsigned (*version_major)();
  int (*get_new_index)(int, long, void*, NewHook, void*, FreeHook);
  int (*set_data)(ssl_st*, int, void*);
  int (*up_ref)(ssl_st*);
  void (*free)(ssl_st*);
  uint64_t (*set_options)(ssl_st*, uint64_t);
  bio_st* (*input)(const ssl_st*);
  bio_st* (*output)(const ssl_st*);
  int (*bio_write)(bio_st*, const void*, int);
  int (*bio_read)(bio_st*, void*, int);
  size_t (*bio_pending)(bio_st*);
  int (*read)(ssl_st*, void*, size_t, size_t*);
  int (*write)(ssl_st*, const void*, size_t, size_t*);
  int (*shutdown)(ssl_st*);
  int (*get_error)(const ssl_st*, int);
  void (*clear_errors)();
  unsigned long (*take_error)();
  void (*describe)(unsigned long, char*, size_t);
  // Where a session finds itself in its SSL object.
  int index;
};

// The session that this thread captures for.
thread_local TlsSession* capturing = nullptr;

OpenSsl* Find();

OpenSsl* Library() {
  // Looked up once for the process; null when something is missing.
  static OpenSsl* const library = Find();
  return library;
}

}  // namespace

struct CaptureHooks {
  static void Made(void* ssl, void*, crypto_ex_data_st*, int, long, void*) {
    if (capturing == nullptr) return;
    capturing->ssl_ = static_cast<ssl_st*>(ssl);
    capturing->captured_++;
  }
  static void Freed(void*, void* session, crypto_ex_data_st*, int, long, void*) {
    if (session != nullptr) static_cast<TlsSession*>(session)->ssl_ = nullptr;
  }
};

namespace {

#ifdef _WIN32
OpenSsl* Find() { return nullptr; }
#else

template <typename Function>
bool Look(const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  return *function != nullptr;
}

OpenSsl* Find() {
  static OpenSsl found;
  const bool complete =
      Look("OPENSSL_version_major", &found.version_major) &&
      Look("CRYPTO_get_ex_new_index", &found.get_new_index) &&
      Look("SSL_set_ex_data", &found.set_data) && Look("SSL_up_ref", &found.up_ref) &&
      Look("SSL_free", &found.free) && Look("SSL_set_options", &found.set_options) &&
      Look("SSL_get_rbio", &found.input) && Look("SSL_get_wbio", &found.output) &&
      Look("BIO_write", &found.bio_write) && Look("BIO_read", &found.bio_read) &&
      Look("BIO_ctrl_pending", &found.bio_pending) && Look("SSL_read_ex", &found.read) &&
      Look("SSL_write_ex", &found.write) && Look("SSL_shutdown", &found.shutdown) &&
      Look("SSL_get_error", &found.get_error) && Look("ERR_clear_error", &found.clear_errors) &&
      Look("ERR_get_error", &found.take_error) && Look("ERR_error_string_n", &found.describe);
  // BoringSSL has no version_major; a later major version may mean something else by these names.
  if (!complete || found.version_major() != 3) return nullptr;
  // OpenSSL calls the hooks until the process ends, so this library must not be unloaded before,
  // which Node does with an addon that only a worker thread has used.
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&CaptureHooks::Made), &self) == 0 ||
      dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE) == nullptr) {
    return nullptr;
  }
  found.index = found.get_new_index(kExIndexSsl, 0, nullptr, &CaptureHooks::Made, nullptr,
                                    &CaptureHooks::Freed);
  return found.index < 0 ? nullptr : &found;
}

#endif

}  // namespace

// Keeps the SSL object while OpenSSL works on it: it calls back into JavaScript (for a new session,
// say), which may destroy the socket.
class TlsSession::Use {
 public:
  explicit Use(ssl_st* ssl) : ssl_(ssl) {
    Library()->up_ref(ssl_);
    Library()->clear_errors();
  }
  ~Use() { Library()->free(ssl_); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  ssl_st* ssl_;
};

TlsSession::~TlsSession() {
  if (capturing == this) capturing = nullptr;
  if (ssl_ != nullptr) Library()->set_data(ssl_, Library()->index, nullptr);
}

bool TlsSession::Available() { return Library() != nullptr; }

void TlsSession::BeginCapture() {
  captured_ = 0;
  capturing = this;
}

bool TlsSession::EndCapture() {
  capturing = nullptr;
  if (captured_ != 1 || Library()->set_data(ssl_, Library()->index, this) != 1) ssl_ = nullptr;
  return open();
}

void TlsSession::TakeOver() { Library()->set_options(ssl_, kNoRenegotiation); }

bool TlsSession::Feed(const char* bytes, size_t size) {
  const int written = Library()->bio_write(Library()->input(ssl_), bytes, static_cast<int>(size));
  return written == static_cast<int>(size);
}

TlsSession::Outcome TlsSession::Read(char* bytes, size_t size, size_t* read) {
  const Use use(ssl_);
  ssl_st* const ssl = ssl_;
  *read = 0;
  while (*read < size) {
    size_t count = 0;
    const int status = Library()->read(ssl, bytes + *read, size - *read, &count);
    *read += count;
    if (status == 1) continue;
    const int reason = Library()->get_error(ssl, status);
    if (reason == kErrorWantRead) return kWantsInput;
    if (reason == kErrorZeroReturn) return kEnded;
    Failed();
    return kFailed;
  }
  return kOutputFull;
}

bool TlsSession::Write(const char* bytes, size_t size) {
  const Use use(ssl_);
  size_t written = 0;
  const int status = Library()->write(ssl_, bytes, size, &written);
  return (status == 1 && written == size) || Failed();
}

bool TlsSession::Shutdown() {
  const Use use(ssl_);
  // 0: the peer's half is still open.
  return Library()->shutdown(ssl_) >= 0 || Failed();
}

size_t TlsSession::Pending() const { return Library()->bio_pending(Library()->output(ssl_)); }

size_t TlsSession::Take(char* bytes, size_t size) {
  const int taken = Library()->bio_read(Library()->output(ssl_), bytes, static_cast<int>(size));
  return taken > 0 ? static_cast<size_t>(taken) : 0;
}

// Keeps the first error, as Node does, and leaves none to others.
bool TlsSession::Failed() {
  char text[256];
  Library()->describe(Library()->take_error(), text, sizeof(text));
  Library()->clear_errors();
  error_ = text;
  return false;
}

}  // namespace uvio
