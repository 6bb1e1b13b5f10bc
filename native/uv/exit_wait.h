// How a child is waited for, and whether it was cloned (Linux) or forked (elsewhere).
//
// A forked one is known by its pid alone. With UVIO_FORKED defined Linux forks, too, so that what
// macOS does can be tried there. WaitForExit() returns a negative libuv code on error; a child that
// was stopped has not exited.
#ifndef UVIO_UV_EXIT_WAIT_H_
#define UVIO_UV_EXIT_WAIT_H_

#ifndef _WIN32

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#if defined(__linux__) && !defined(UVIO_FORKED)
#define UVIO_CLONED 1
#include <sys/syscall.h>
#endif

namespace uvio {

#ifdef UVIO_CLONED

// waitid() for one child that has exited, by its pid (P_PID) or pidfd (kPidfdType): `info->si_pid`
// is 0 when it has not. The system call, and not the function, since that leaves `usage` out.
inline int WaitForExit(int type, int child, siginfo_t* info, rusage* usage, int options) {
  info->si_pid = 0;
  long result;
  do {
    result = syscall(SYS_waitid, type, child, info, WEXITED | options, usage);
  } while (result != 0 && errno == EINTR);
  // A descriptor that libuv has made non-blocking says this.
  if (result != 0 && errno == EAGAIN) return 0;
  return result != 0 ? -errno : 0;
}

#else

// The same by the functions of the C library, for P_PID. With WNOWAIT `info` is worth nothing:
// macOS' waitid() also tells of children that were stopped, and not of a signal that killed one.
inline int WaitForExit(int, int child, siginfo_t* info, rusage* usage, int options) {
  info->si_pid = 0;
  int result;
  if ((options & WNOWAIT) != 0) {
    do {
      result = waitid(P_PID, static_cast<id_t>(child), info, WEXITED | options);
    } while (result != 0 && errno == EINTR);
    return result != 0 ? -errno : 0;
  }
  int status = 0;
  do {
    result = wait4(child, &status, options, usage);
  } while (result < 0 && errno == EINTR);
  if (result <= 0) return result < 0 ? -errno : 0;
  info->si_pid = result;
  if (WIFEXITED(status)) {
    info->si_code = CLD_EXITED;
    info->si_status = WEXITSTATUS(status);
  } else {
    info->si_code = WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED;
    info->si_status = WTERMSIG(status);
  }
  return 0;
}

#endif  // UVIO_CLONED

}  // namespace uvio

#endif  // !_WIN32

#endif  // UVIO_UV_EXIT_WAIT_H_
