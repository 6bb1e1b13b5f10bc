// TLS by OpenSSL; see tls.h. Invariant: a partial write is one, as send() has it, so that the
// caller's account of bytes holds.
#include "tls.h"

#include "load.h"

#ifdef WITH_TLS

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

static SSL_CTX* context(void) {
  static SSL_CTX* made;
  if (made == NULL) {
    made = SSL_CTX_new(TLS_client_method());
    if (made == NULL) die("TLS", "no context");
    SSL_CTX_set_mode(made, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  }
  return made;
}

void* tls_open(int fd) {
  SSL* ssl = SSL_new(context());
  if (ssl == NULL || SSL_set_fd(ssl, fd) != 1) die("TLS", "no connection");
  if (SSL_connect(ssl) != 1) die("TLS handshake", ERR_reason_error_string(ERR_peek_error()));
  return ssl;
}

void tls_close(void* tls) { SSL_free(tls); }

static ssize_t result(SSL* ssl, int status) {
  if (status > 0) return status;
  switch (SSL_get_error(ssl, status)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      errno = EAGAIN;
      return -1;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    case SSL_ERROR_SYSCALL:
      return errno == 0 ? 0 : -1;
    default:
      errno = EPROTO;
      return -1;
  }
}

ssize_t tls_send(void* tls, const void* bytes, size_t size) {
  ERR_clear_error();
  return result(tls, SSL_write(tls, bytes, (int)size));
}

ssize_t tls_receive(void* tls, void* bytes, size_t size) {
  ERR_clear_error();
  return result(tls, SSL_read(tls, bytes, (int)size));
}

#else

void* tls_open(int fd) {
  (void)fd;
  die("--tls", "this program was built without OpenSSL");
}
void tls_close(void* tls) { (void)tls; }
ssize_t tls_send(void* tls, const void* bytes, size_t size) {
  return (void)tls, (void)bytes, (void)size, -1;
}
ssize_t tls_receive(void* tls, void* bytes, size_t size) {
  return (void)tls, (void)bytes, (void)size, -1;
}

#endif
