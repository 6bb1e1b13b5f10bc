// How a child is known until it has been reaped; see child_watch.h.
#include "uv/child_watch.h"

#ifndef _WIN32

#include <poll.h>

#include <cerrno>
#include <csignal>

#include "uv/pidfd.h"

namespace uvio {

int ChildWatch::Signal(int signal) const {
#ifdef UVIO_CLONED
  if (pid_ == 0) return SignalPidfd(descriptor(), signal);
#endif
  // Somebody else may have reaped it, who waits for any child, and the pid be another's.
  siginfo_t info;
  if (WaitForExit(P_PID, pid_, &info, nullptr, WNOHANG | WNOWAIT) != 0) return -ESRCH;
  return kill(pid_, signal) != 0 ? -errno : 0;
}

int ChildWatch::Reap(siginfo_t* info, rusage* usage, int options) const {
#ifdef UVIO_CLONED
  if (pid_ == 0) return WaitForExit(kPidfdType, descriptor(), info, usage, options);
#endif
  info->si_pid = 0;
  // The thread that waits has to be done with the pid first.
  pollfd exit{descriptor(), POLLIN, 0};
  int ready;
  do {
    ready = poll(&exit, 1, (options & WNOHANG) != 0 ? 0 : -1);
  } while (ready < 0 && errno == EINTR);
  return ready == 0 ? 0 : WaitForExit(P_PID, pid_, info, usage, options);
}

}  // namespace uvio

#endif  // !_WIN32
