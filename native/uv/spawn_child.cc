// What a new process does between clone() or fork() and exec(); see spawn_child.h.
#include "uv/spawn_child.h"

#ifndef _WIN32

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "uv/child_calls.h"

#if defined(UVIO_CLONED) && !defined(SYS_close_range)
#define SYS_close_range 436
#endif

namespace uvio {

namespace {

UVIO_CHILD_CODE bool Fail(ChildImage* image, SpawnStep step, int error) {
  image->answer = {-error, step};
  return false;
}

UVIO_CHILD_CODE bool Check(ChildImage* image, SpawnStep step, long result) {
  return result >= 0 || Fail(image, step, errno);
}

UVIO_CHILD_CODE bool PlaceDescriptors(ChildImage* image) {
  const size_t count = image->descriptor_count;
  const int above = count == 0 ? 0 : image->descriptors[count - 1].target + 1;
  // What is in the way of others goes where it is not. Past all of them, nothing is in the way of
  // the report.
  if (image->report >= 0 && image->report < above) {
    const long moved = UVIO_CALL(fcntl, image->report, F_DUPFD_CLOEXEC, above);
    if (moved < 0) return Fail(image, SpawnStep::kDescriptors, errno);
    image->report = static_cast<int>(moved);
  }
  for (size_t index = 0; index < count; index++) {
    ChildDescriptor* one = &image->descriptors[index];
    if (one->source >= above || one->source == one->target) continue;
    one->source = static_cast<int>(UVIO_CALL(fcntl, one->source, F_DUPFD_CLOEXEC, above));
    if (one->source < 0) return Fail(image, SpawnStep::kDescriptors, errno);
  }
  for (size_t index = 0; index < count; index++) {
    const ChildDescriptor* one = &image->descriptors[index];
    const long result = one->source == one->target ? UVIO_CALL(fcntl, one->target, F_SETFD, 0)
                                                   : child::Duplicate(one->source, one->target);
    if (result < 0) return Fail(image, SpawnStep::kDescriptors, errno);
    if (!one->blocks) continue;
    const long mode = UVIO_CALL(fcntl, one->target, F_GETFL);
    if (mode >= 0) UVIO_CALL(fcntl, one->target, F_SETFL, mode & ~O_NONBLOCK);
  }
  return true;
}

#ifdef UVIO_CLONED

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
        UVIO_CALL(fcntl, number, F_SETFD, FD_CLOEXEC);
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

#else

// Closed by exec(). What other threads have opened since the highest was looked for has got low
// numbers, or those above it.
void CloseOthers(const ChildImage* image) {
  constexpr int kMargin = 256;
  size_t index = 0;
  for (int number = STDERR_FILENO + 1; number <= image->highest + kMargin; number++) {
    while (index < image->descriptor_count && image->descriptors[index].target < number) index++;
    const bool is_target =
        index < image->descriptor_count && image->descriptors[index].target == number;
    if (!is_target) fcntl(number, F_SETFD, FD_CLOEXEC);
  }
}

#endif  // UVIO_CLONED

UVIO_CHILD_CODE bool SetLimits(ChildImage* image) {
  const SpawnPlan* plan = image->plan;
  for (size_t index = 0; index < plan->limits.size(); index++) {
    if (!Check(image, SpawnStep::kLimit, child::SetLimit(plan->limits.data()[index]))) return false;
  }
  return true;
}

UVIO_CHILD_CODE bool SetIdentity(ChildImage* image) {
  const SpawnPlan* plan = image->plan;
  if (plan->groups.has_value()) {
    const std::vector<uint32_t>* groups = &*plan->groups;
    if (!Check(image, SpawnStep::kGroups, child::SetGroups(groups->size(), groups->data()))) {
      return false;
    }
  } else if (plan->uid.has_value() || plan->gid.has_value()) {
    // The parent's groups are not the new user's. Whoever may not drop them may keep them.
    child::SetGroups(0, nullptr);
  }
  if (plan->gid.has_value() && !Check(image, SpawnStep::kGid, child::SetGid(*plan->gid))) {
    return false;
  }
  return !plan->uid.has_value() || Check(image, SpawnStep::kUid, child::SetUid(*plan->uid));
}

UVIO_CHILD_CODE bool SetUp(ChildImage* image) {
  const SpawnPlan* plan = image->plan;
  child::ResetSignals();
  if (plan->Has(SpawnPlan::kNewSession) &&
      !Check(image, SpawnStep::kSession, child::NewSession())) {
    return false;
  }
  if (plan->process_group.has_value() &&
      !Check(image, SpawnStep::kGroup, UVIO_CALL(setpgid, 0, *plan->process_group))) {
    return false;
  }
  if (!PlaceDescriptors(image)) return false;
  if (!plan->Has(SpawnPlan::kKeepDescriptors)) CloseOthers(image);
  if (image->cwd != nullptr && !Check(image, SpawnStep::kDirectory, UVIO_CALL(chdir, image->cwd))) {
    return false;
  }
  if (plan->umask.has_value()) UVIO_CALL(umask, *plan->umask);
  if (image->affinity != nullptr &&
      !Check(image, SpawnStep::kAffinity,
             child::SetAffinity(image->affinity, image->affinity_size))) {
    return false;
  }
  if (plan->nice.has_value() &&
      !Check(image, SpawnStep::kPriority, UVIO_CALL(setpriority, PRIO_PROCESS, 0, *plan->nice))) {
    return false;
  }
  if (!SetLimits(image) || !SetIdentity(image)) return false;
  // After the identity, a change of which resets it.
  return !plan->parent_death_signal.has_value() ||
         Check(image, SpawnStep::kDeathSignal, child::SetDeathSignal(*plan->parent_death_signal));
}

// As execvp(): a candidate that is not there does not count, and of other errors the first is told.
UVIO_CHILD_CODE void Execute(ChildImage* image) {
  int error = 0;
  for (size_t index = 0; image->candidates[index] != nullptr; index++) {
    UVIO_CALL(execve, image->candidates[index], image->args, image->env);
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
    child::UnblockSignals();
    const SpawnPlan* plan = image->plan;
    // The parent died before it could be noticed: nobody sends the signal any more.
    if (plan->parent_death_signal.has_value() && child::Parent() != image->parent_pid) {
      UVIO_CALL(kill, child::Self(), *plan->parent_death_signal);
    }
    Execute(image);
  }
  if (image->report >= 0) {
    [[maybe_unused]] const ssize_t written =
        UVIO_CALL(write, image->report, &image->answer, sizeof(image->answer));
  }
  constexpr int kNotExecuted = 127;
  child::Exit(kNotExecuted);
  return 0;
}

}  // namespace uvio

#endif  // !_WIN32
