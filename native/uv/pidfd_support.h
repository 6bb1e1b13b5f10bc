// Whether children can be started with a pidfd, signalled and waited for by it.
//
// Linux 5.4 has all of it. A sandbox may forbid a part, and an emulator does not let a program
// start others in its own memory. Invariant: decided once for the process, by doing it.
#ifndef UVIO_UV_PIDFD_SUPPORT_H_
#define UVIO_UV_PIDFD_SUPPORT_H_

#include "uv/exit_wait.h"

#ifdef UVIO_CLONED

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif

namespace uvio {

// Starts a child that does nothing, the first time. All signals must be blocked in the calling
// thread; `stack` is the end of the stack that its children get.
bool HasPidfds(void* stack);

}  // namespace uvio

#endif  // UVIO_CLONED

#endif  // UVIO_UV_PIDFD_SUPPORT_H_
