// Signals to processes that are no children of ours: the members of a process tree.
#ifndef UVIO_UV_PROCESS_SIGNAL_H_
#define UVIO_UV_PROCESS_SIGNAL_H_

#include <cstdint>

namespace uvio {

// Signals the process `pid`, if it is the one that began at `start_time` (in clock ticks since the
// boot), and never another that has got its number. A negative libuv code on error: UV_ESRCH when
// that process has gone, UV_ENOSYS where it cannot be done safely.
int SignalProcess(int pid, uint64_t start_time, int signal);

}  // namespace uvio

#endif  // UVIO_UV_PROCESS_SIGNAL_H_
