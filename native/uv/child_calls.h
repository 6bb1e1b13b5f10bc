// The system calls of a new process before its exec().
//
// On Linux they are made directly: the C library's functions may keep state, and those for users
// and groups speak to every thread. Elsewhere the child is a forked one and calls what POSIX allows
// it to. Each answers a negative number with errno set on error.
#ifndef UVIO_UV_CHILD_CALLS_H_
#define UVIO_UV_CHILD_CALLS_H_

#include "uv/exit_wait.h"

#ifndef _WIN32

#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "uv/spawn_plan.h"

#ifdef UVIO_CLONED
#include <sys/prctl.h>
#endif

// A sanitizer's checks would run in the memory of the parent.
#define UVIO_CHILD_CODE __attribute__((no_sanitize("address", "undefined"), noinline))

// A call that has the same name and arguments everywhere.
#ifdef UVIO_CLONED
#define UVIO_CALL(name, ...) syscall(SYS_##name, __VA_ARGS__)
#else
#define UVIO_CALL(name, ...) name(__VA_ARGS__)
#endif

namespace uvio::child {

#ifdef UVIO_CLONED

// On 32-bit machines the older calls take 16-bit numbers.
#ifdef SYS_setgroups32
constexpr long kSetGroups = SYS_setgroups32;
constexpr long kSetGid = SYS_setresgid32;
constexpr long kSetUid = SYS_setresuid32;
#else
constexpr long kSetGroups = SYS_setgroups;
constexpr long kSetGid = SYS_setresgid;
constexpr long kSetUid = SYS_setresuid;
#endif

// The kernel's sigset and sigaction, which are not those of the C library.
constexpr int kSignals = 64;
using KernelSignalSet = uint64_t;
struct KernelSignalAction {
  void* handler;
  unsigned long flags;
  void* restorer;
  KernelSignalSet mask;
};

// Ignored signals stay ignored across exec(), and Node ignores SIGPIPE.
UVIO_CHILD_CODE inline void ResetSignals() {
  const KernelSignalAction action = {nullptr, 0, nullptr, 0};
  for (int signal = 1; signal <= kSignals; signal++) {
    syscall(SYS_rt_sigaction, signal, &action, nullptr, sizeof(KernelSignalSet));
  }
}

UVIO_CHILD_CODE inline void UnblockSignals() {
  const KernelSignalSet none = 0;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof(none));
}

UVIO_CHILD_CODE inline long NewSession() { return syscall(SYS_setsid); }
UVIO_CHILD_CODE inline long Parent() { return syscall(SYS_getppid); }
UVIO_CHILD_CODE inline long Self() { return syscall(SYS_getpid); }
UVIO_CHILD_CODE inline long Duplicate(int source, int target) {
  return syscall(SYS_dup3, source, target, 0);
}
UVIO_CHILD_CODE inline long SetGroups(size_t count, const uint32_t* groups) {
  return syscall(kSetGroups, count, groups);
}
UVIO_CHILD_CODE inline long SetGid(uint32_t gid) { return syscall(kSetGid, gid, gid, gid); }
UVIO_CHILD_CODE inline long SetUid(uint32_t uid) { return syscall(kSetUid, uid, uid, uid); }
UVIO_CHILD_CODE inline long SetLimit(const SpawnLimit& limit) {
  const uint64_t values[] = {limit.soft, limit.hard};
  return syscall(SYS_prlimit64, 0, limit.resource, values, nullptr);
}
UVIO_CHILD_CODE inline long SetAffinity(const unsigned long* mask, size_t size) {
  return syscall(SYS_sched_setaffinity, 0, size, mask);
}
UVIO_CHILD_CODE inline long SetDeathSignal(int signal) {
  return syscall(SYS_prctl, PR_SET_PDEATHSIG, signal, 0, 0, 0);
}
UVIO_CHILD_CODE inline void Exit(int code) { syscall(SYS_exit_group, code); }

#else

inline void ResetSignals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &action, nullptr);
}

inline void UnblockSignals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

inline long NewSession() { return setsid(); }
inline long Parent() { return getppid(); }
inline long Self() { return getpid(); }
inline long Duplicate(int source, int target) { return dup2(source, target); }
inline long SetGroups(size_t count, const uint32_t* groups) {
#ifdef __APPLE__
  return setgroups(static_cast<int>(count), groups);
#else
  return setgroups(count, groups);
#endif
}
inline long SetGid(uint32_t gid) { return setgid(gid); }
inline long SetUid(uint32_t uid) { return setuid(uid); }

// A plan has Linux' numbers.
inline long SetLimit(const SpawnLimit& limit) {
  constexpr int kResources[] = {RLIMIT_CPU,     RLIMIT_FSIZE, RLIMIT_DATA,  RLIMIT_STACK,
                                RLIMIT_CORE,    RLIMIT_RSS,   RLIMIT_NPROC, RLIMIT_NOFILE,
                                RLIMIT_MEMLOCK, RLIMIT_AS};
  const auto resource = static_cast<size_t>(limit.resource);
  errno = EINVAL;
  if (resource >= std::size(kResources)) return -1;
  const auto value = [](uint64_t number) {
    return number == ~uint64_t{0} ? RLIM_INFINITY : static_cast<rlim_t>(number);
  };
  const rlimit values{value(limit.soft), value(limit.hard)};
  return setrlimit(kResources[resource], &values);
}

inline long Lacking() {
  errno = ENOSYS;
  return -1;
}
inline long SetAffinity(const unsigned long*, size_t) { return Lacking(); }
inline long SetDeathSignal(int) { return Lacking(); }
inline void Exit(int code) { _exit(code); }

#endif  // UVIO_CLONED

}  // namespace uvio::child

#endif  // !_WIN32

#endif  // UVIO_UV_CHILD_CALLS_H_
