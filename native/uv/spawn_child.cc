// What a new process does between clone() and exec(); see spawn_child.h.
#include "uv/spawn_child.h"

#ifdef __linux__

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

// A sanitizer's checks would run in the memory of the parent.
#define UVIO_CHILD_CODE __attribute__((no_sanitize("address", "undefined"), noinline))

namespace uvio {

namespace {

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

UVIO_CHILD_CODE bool Fail(ChildImage* image, SpawnStep step, int error) {
  image->answer = {-error, step};
  return false;
}

UVIO_CHILD_CODE bool Check(ChildImage* image, SpawnStep step, long result) {
  return result >= 0 || Fail(image, step, errno);
}

// Ignored signals stay ignored across exec(), and Node ignores SIGPIPE.
UVIO_CHILD_CODE void ResetSignals() {
  const KernelSignalAction action = {nullptr, 0, nullptr, 0};
  for (int signal = 1; signal <= kSignals; signal++) {
    syscall(SYS_rt_sigaction, signal, &action, nullptr, sizeof(KernelSignalSet));
  }
}

UVIO_CHILD_CODE void UnblockSignals() {
  const KernelSignalSet none = 0;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof(none));
}

UVIO_CHILD_CODE bool PlaceDescriptors(ChildImage* image) {
  const size_t count = image->descriptor_count;
  const int above = count == 0 ? 0 : image->descriptors[count - 1].target + 1;
  // What is in the way of others goes where it is not. Past all of them, nothing is in the way of
  // the report.
  if (image->report >= 0 && image->report < above) {
    const long moved = syscall(SYS_fcntl, image->report, F_DUPFD_CLOEXEC, above);
    if (moved < 0) return Fail(image, SpawnStep::kDescriptors, errno);
    image->report = static_cast<int>(moved);
  }
  for (size_t index = 0; index < count; index++) {
    ChildDescriptor* one = &image->descriptors[index];
    if (one->source >= above || one->source == one->target) continue;
    one->source = static_cast<int>(syscall(SYS_fcntl, one->source, F_DUPFD_CLOEXEC, above));
    if (one->source < 0) return Fail(image, SpawnStep::kDescriptors, errno);
  }
  for (size_t index = 0; index < count; index++) {
    const ChildDescriptor* one = &image->descriptors[index];
    const long result = one->source == one->target ? syscall(SYS_fcntl, one->target, F_SETFD, 0)
                                                   : syscall(SYS_dup3, one->source, one->target, 0);
    if (result < 0) return Fail(image, SpawnStep::kDescriptors, errno);
    if (!one->blocks) continue;
    const long mode = syscall(SYS_fcntl, one->target, F_GETFL);
    if (mode >= 0) syscall(SYS_fcntl, one->target, F_SETFL, mode & ~O_NONBLOCK);
  }
  return true;
}

UVIO_CHILD_CODE bool IsTarget(const ChildImage* image, int descriptor) {
  for (size_t index = 0; index < image->descriptor_count; index++) {
    if (image->descriptors[index].target == descriptor) return true;
  }
  return false;
}

// For kernels before 5.9: what is open is read from /proc and closed by exec().
UVIO_CHILD_CODE void CloseOthersOneByOne(const ChildImage* image) {
  struct Entry {
    uint64_t inode;
    int64_t offset;
    unsigned short size;
    unsigned char type;
    char name[1];
  };
  alignas(Entry) char memory[4096];
  const long folder =
      syscall(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (folder < 0) return;
  long size;
  while ((size = syscall(SYS_getdents64, folder, memory, sizeof(memory))) > 0) {
    for (long offset = 0; offset < size;) {
      const auto* entry = reinterpret_cast<const Entry*>(memory + offset);
      offset += entry->size;
      int number = 0;
      const char* digit = entry->name;
      for (; *digit >= '0' && *digit <= '9'; digit++) number = number * 10 + (*digit - '0');
      if (number > STDERR_FILENO && !IsTarget(image, number)) {
        syscall(SYS_fcntl, number, F_SETFD, FD_CLOEXEC);
      }
    }
  }
}

UVIO_CHILD_CODE void CloseOthers(const ChildImage* image) {
  unsigned first = STDERR_FILENO + 1;
  for (size_t index = 0; index < image->descriptor_count; index++) {
    const auto target = static_cast<unsigned>(image->descriptors[index].target);
    if (target < first) continue;
    if (target > first && syscall(SYS_close_range, first, target - 1, 0) != 0) {
      return CloseOthersOneByOne(image);
    }
    first = target + 1;
  }
  if (image->report >= 0) {
    const auto report = static_cast<unsigned>(image->report);
    if (report > first && syscall(SYS_close_range, first, report - 1, 0) != 0) {
      return CloseOthersOneByOne(image);
    }
    first = report + 1;
  }
  if (syscall(SYS_close_range, first, ~0u, 0) != 0) CloseOthersOneByOne(image);
}

UVIO_CHILD_CODE bool SetLimits(ChildImage* image) {
  const SpawnPlan* plan = image->plan;
  for (size_t index = 0; index < plan->limits.size(); index++) {
    const SpawnLimit* limit = plan->limits.data() + index;
    const uint64_t values[] = {limit->soft, limit->hard};
    if (syscall(SYS_prlimit64, 0, limit->resource, values, nullptr) != 0) {
      return Fail(image, SpawnStep::kLimit, errno);
    }
  }
  return true;
}

UVIO_CHILD_CODE bool SetIdentity(ChildImage* image) {
  const SpawnPlan* plan = image->plan;
  if (plan->groups.has_value()) {
    const std::vector<uint32_t>* groups = &*plan->groups;
    if (!Check(image, SpawnStep::kGroups, syscall(kSetGroups, groups->size(), groups->data()))) {
      return false;
    }
  } else if (plan->uid.has_value() || plan->gid.has_value()) {
    // The parent's groups are not the new user's. Whoever may not drop them may keep them.
    syscall(kSetGroups, 0, nullptr);
  }
  if (plan->gid.has_value() &&
      !Check(image, SpawnStep::kGid, syscall(kSetGid, *plan->gid, *plan->gid, *plan->gid))) {
    return false;
  }
  return !plan->uid.has_value() ||
         Check(image, SpawnStep::kUid, syscall(kSetUid, *plan->uid, *plan->uid, *plan->uid));
}

UVIO_CHILD_CODE bool SetUp(ChildImage* image) {
  const SpawnPlan* plan = image->plan;
  ResetSignals();
  if (plan->Has(SpawnPlan::kNewSession) &&
      !Check(image, SpawnStep::kSession, syscall(SYS_setsid))) {
    return false;
  }
  if (plan->process_group.has_value() &&
      !Check(image, SpawnStep::kGroup, syscall(SYS_setpgid, 0, *plan->process_group))) {
    return false;
  }
  if (!PlaceDescriptors(image)) return false;
  if (!plan->Has(SpawnPlan::kKeepDescriptors)) CloseOthers(image);
  if (image->cwd != nullptr &&
      !Check(image, SpawnStep::kDirectory, syscall(SYS_chdir, image->cwd))) {
    return false;
  }
  if (plan->umask.has_value()) syscall(SYS_umask, *plan->umask);
  if (image->affinity != nullptr &&
      !Check(image, SpawnStep::kAffinity,
             syscall(SYS_sched_setaffinity, 0, image->affinity_size, image->affinity))) {
    return false;
  }
  if (plan->nice.has_value() &&
      !Check(image, SpawnStep::kPriority, syscall(SYS_setpriority, PRIO_PROCESS, 0, *plan->nice))) {
    return false;
  }
  if (!SetLimits(image) || !SetIdentity(image)) return false;
  // After the identity, a change of which resets it.
  return !plan->parent_death_signal.has_value() ||
         Check(image, SpawnStep::kDeathSignal,
               syscall(SYS_prctl, PR_SET_PDEATHSIG, *plan->parent_death_signal, 0, 0, 0));
}

// As execvp(): a candidate that is not there does not count, and of other errors the first is told.
UVIO_CHILD_CODE void Execute(ChildImage* image) {
  int error = 0;
  for (size_t index = 0; image->candidates[index] != nullptr; index++) {
    syscall(SYS_execve, image->candidates[index], image->args, image->env);
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    if (error == 0 || error == ENOENT || error == ENOTDIR) {
      if (!missing || error == 0) error = errno;
    }
  }
  Fail(image, SpawnStep::kExec, error);
}

}  // namespace

UVIO_CHILD_CODE int RunSpawnedChild(void* argument) {
  auto* image = static_cast<ChildImage*>(argument);
  if (SetUp(image)) {
    UnblockSignals();
    const SpawnPlan* plan = image->plan;
    // The parent died before it could be noticed: nobody sends the signal any more.
    if (plan->parent_death_signal.has_value() && syscall(SYS_getppid) != image->parent_pid) {
      syscall(SYS_kill, syscall(SYS_getpid), *plan->parent_death_signal);
    }
    Execute(image);
  }
  if (image->report >= 0) {
    syscall(SYS_write, image->report, &image->answer, sizeof(image->answer));
  }
  constexpr int kNotExecuted = 127;
  syscall(SYS_exit_group, kNotExecuted);
  return 0;
}

}  // namespace uvio

#endif  // __linux__
