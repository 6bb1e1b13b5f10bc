// Processes by descriptor (Linux 5.4): what is known and signalled so is never another process that
// has got the same pid meanwhile.
//
// System calls only, since not every C library has them. All return a negative libuv code on error.
#ifndef UVIO_UV_PIDFD_H_
#define UVIO_UV_PIDFD_H_

#ifdef __linux__

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "uv/exit_wait.h"

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

namespace uvio {

// P_PIDFD, which older headers lack.
constexpr int kPidfdType = 3;

inline int OpenPidfd(pid_t pid) {
  const long descriptor = syscall(SYS_pidfd_open, pid, 0);
  return descriptor < 0 ? -errno : static_cast<int>(descriptor);
}

inline int SignalPidfd(int pidfd, int signal) {
  return syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0) != 0 ? -errno : 0;
}

// What a kernel says that lacks a system call or a flag of one, or a sandbox that forbids it.
inline bool IsRefused(int error) {
  return error == -ENOSYS || error == -EINVAL || error == -EPERM || error == -EACCES;
}

}  // namespace uvio

#endif  // __linux__

#endif  // UVIO_UV_PIDFD_H_
