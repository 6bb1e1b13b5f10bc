// Signals to processes that are no children of ours; see process_signal.h.
//
// The pidfd comes first: if the right process is there after that, it was there before as well.
// Where there is none, the process is looked at right before it is signalled: for another to get
// the signal, this one would have to end and its number be used again between two system calls.
#include "uv/process_signal.h"

#include <uv.h>

#ifdef __linux__

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "uv/pidfd.h"
#include "uv/unique_descriptor.h"

namespace uvio {

namespace {

// Field 22 of /proc/PID/stat, 0 when there is none: proc(5).
uint64_t ReadStartTime(int pid) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  const UniqueDescriptor file(open(path, O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return 0;
  char text[1024];
  const ssize_t size = read(file.get(), text, sizeof text - 1);
  if (size <= 0) return 0;
  text[size] = '\0';
  // The second field, a name in brackets, may hold anything, spaces and brackets too.
  const char* field = strrchr(text, ')');
  for (int number = 2; field != nullptr && number < 22; number++) {
    field = strchr(field + 1, ' ');
  }
  return field == nullptr ? 0 : strtoull(field, nullptr, 10);
}

}  // namespace

int SignalProcess(int pid, uint64_t start_time, int signal) {
  const UniqueDescriptor pidfd(OpenPidfd(pid));
  if (pidfd.get() < 0 && !IsRefused(pidfd.get())) return pidfd.get();
  if (ReadStartTime(pid) != start_time) return UV_ESRCH;
  if (pidfd.get() >= 0) {
    const int error = SignalPidfd(pidfd.get(), signal);
    // Linux 5.3 has both; a sandbox may refuse one.
    if (error != -ENOSYS) return error;
  }
  return kill(pid, signal) != 0 ? -errno : 0;
}

}  // namespace uvio

#else

namespace uvio {

int SignalProcess(int, uint64_t, int) { return UV_ENOSYS; }

}  // namespace uvio

#endif  // __linux__
