// Whether children can be started with a pidfd; see pidfd_support.h.
#include "uv/pidfd_support.h"

#ifdef UVIO_CLONED

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <mutex>

#include "uv/pidfd.h"
#include "uv/unique_descriptor.h"

namespace uvio {

namespace {

enum class Answer { kYes, kNo, kUnknown };

// For want of descriptors, processes or memory nothing is known.
Answer Because(int error) { return IsRefused(error) ? Answer::kNo : Answer::kUnknown; }

// Runs in the parent's memory, if that is possible, and says so.
__attribute__((no_sanitize("address", "undefined"), noinline)) int Touch(void* is_shared) {
  *static_cast<volatile bool*>(is_shared) = true;
  syscall(SYS_exit_group, 0);
  return 0;
}

Answer Try(void* stack) {
  const UniqueDescriptor self(OpenPidfd(getpid()));
  if (self.get() < 0) return Because(self.get());
  siginfo_t info;
  if (WaitForExit(kPidfdType, self.get(), &info, nullptr, WNOHANG) != -ECHILD ||
      SignalPidfd(self.get(), 0) != 0) {
    return Answer::kNo;
  }
  volatile bool is_shared = false;
  int number = -1;
  const int pid = clone(Touch, stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
                        const_cast<bool*>(&is_shared), &number);
  if (pid < 0) return Because(-errno);
  const UniqueDescriptor child(number);
  WaitForExit(P_PID, pid, &info, nullptr, 0);
  return is_shared && child.get() >= 0 ? Answer::kYes : Answer::kNo;
}

}  // namespace

bool HasPidfds(void* stack) {
  static std::mutex guard;
  static Answer answer = Answer::kUnknown;
  const std::lock_guard<std::mutex> lock(guard);
  if (answer == Answer::kUnknown) answer = Try(stack);
  // What is lacking now is told by the start that lacks it.
  return answer != Answer::kNo;
}

}  // namespace uvio

#endif  // UVIO_CLONED
