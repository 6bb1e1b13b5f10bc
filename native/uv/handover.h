// Descriptors on their way from one thread of the process to another.
//
// A message with a descriptor's number may never arrive, and then nobody would close it; or the
// number may be another file's by then. So the descriptor waits here under a ticket, and no ticket
// is given twice. Invariant: who takes it first owns it; what nobody has taken is closed when its
// giver goes. Callable from every thread.
#ifndef UVIO_UV_HANDOVER_H_
#define UVIO_UV_HANDOVER_H_

#include <cstdint>

namespace uvio {

// Keeps a duplicate of `descriptor` for whoever has the ticket, which is greater than 0; or returns
// a negative libuv code. `giver` is any address that is the giving thread's alone.
int64_t OfferDescriptor(int descriptor, const void* giver);

// The descriptor, now the caller's; UV_EBADF when it was taken before, or has been closed.
int TakeOffered(int64_t ticket);

// Closes what this giver has offered and nobody has taken.
void CloseOffered(const void* giver);

}  // namespace uvio

#endif  // UVIO_UV_HANDOVER_H_
