// Processes by descriptor (Linux 5.4): what is known and signalled so is never another process that
// has got the same pid meanwhile.
//
// System calls only, since not every C library has them. All return a negative libuv code on error.
#ifndef UVIO_UV_PIDFD_H_
#define UVIO_UV_PIDFD_H_

#ifdef __linux__

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

namespace uvio {

inline int OpenPidfd(pid_t pid) {
  const long descriptor = syscall(SYS_pidfd_open, pid, 0);
  return descriptor < 0 ? -errno : static_cast<int>(descriptor);
}

inline int SignalPidfd(int pidfd, int signal) {
  return syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0) != 0 ? -errno : 0;
}

// Reaps the child if it has exited: `info->si_pid` is 0 when it has not. The system call, and not
// the function, since that leaves `usage` out.
inline int ReapPidfd(int pidfd, siginfo_t* info, rusage* usage, int options) {
  constexpr int kPidfd = 3;
  info->si_pid = 0;
  long result;
  do {
    result = syscall(SYS_waitid, kPidfd, pidfd, info, WEXITED | options, usage);
  } while (result != 0 && errno == EINTR);
  // A descriptor that libuv has made non-blocking says this.
  if (result != 0 && errno == EAGAIN) return 0;
  return result != 0 ? -errno : 0;
}

}  // namespace uvio

#endif  // __linux__

#endif  // UVIO_UV_PIDFD_H_
