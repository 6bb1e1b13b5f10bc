// TLS for the load generator's connections, where it is built WITH_TLS: the same calls as send()
// and recv(), with their errors in errno. Invariant: the handshake is over when tls_open() returns,
// while the socket still blocks, with its time limit.
#ifndef UVIO_BENCH_TLS_H
#define UVIO_BENCH_TLS_H

#include <stddef.h>
#include <sys/types.h>

// The client's side of TLS on a connected socket. The server's certificate is not checked.
void* tls_open(int fd);
void tls_close(void* tls);
ssize_t tls_send(void* tls, const void* bytes, size_t size);
// 0 when the server has ended the connection; one call gives at most one record.
ssize_t tls_receive(void* tls, void* bytes, size_t size);

#endif
