// One start, from plan to running child; see spawn_start.h.
#include "uv/spawn_start.h"

#ifndef _WIN32

#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <utility>

#include "uv/child_waiter.h"
#include "uv/descriptor.h"
#include "uv/pidfd_support.h"
#include "uv/spawn_child.h"
#include "uv/spawn_stdio.h"

#ifdef UVIO_CLONED
#include <sched.h>
#include <sys/mman.h>
#else
#include <dirent.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>
#endif

namespace uvio {

namespace {

// Where programs are looked for when the child has no PATH: execvp()'s own.
constexpr char kDefaultPath[] = "/bin:/usr/bin";

// The strings of a plan as exec() takes them.
std::vector<char*> Split(std::string* strings) {
  std::vector<char*> list;
  for (size_t start = 0; start < strings->size();) {
    list.push_back(strings->data() + start);
    start += std::strlen(list.back()) + 1;
  }
  list.push_back(nullptr);
  return list;
}

const char* PathOf(const std::vector<char*>& env) {
  constexpr char kName[] = "PATH=";
  for (const char* entry : env) {
    if (entry != nullptr && std::strncmp(entry, kName, sizeof(kName) - 1) == 0) {
      return entry + sizeof(kName) - 1;
    }
  }
  return kDefaultPath;
}

std::vector<std::string> Candidates(const std::string& program, const char* path) {
  if (program.find('/') != std::string::npos) return {program};
  std::vector<std::string> candidates;
  for (const char* end = path;; path = end + 1) {
    end = path + std::strcspn(path, ":");
    // An empty entry is the working directory.
    std::string candidate(path, static_cast<size_t>(end - path));
    if (!candidate.empty()) candidate += '/';
    candidates.push_back(candidate + program);
    if (*end == '\0') return candidates;
  }
}

std::vector<unsigned long> AffinityMask(const std::vector<uint32_t>& processors) {
  constexpr size_t kBits = sizeof(unsigned long) * CHAR_BIT;
  std::vector<unsigned long> mask;
  for (const uint32_t processor : processors) {
    if (mask.size() <= processor / kBits) mask.resize(processor / kBits + 1);
    mask[processor / kBits] |= 1ul << (processor % kBits);
  }
  return mask;
}

// Each of these answers 0 or a negative code, and leaves what hindered exec() in the image.

// `make` makes the child and answers its pid.
template <typename Make>
int StartWithWaiter(ChildImage* image, SpawnResult* result, Make make) {
  ChildWaiter waiter;
  int error = waiter.Begin();
  if (error != 0) return error;
  int ends[2];
  error = MakePipe(ends);
  if (error != 0) return error;
  const UniqueDescriptor answer(ends[0]);
  UniqueDescriptor report(ends[1]);
  image->report = report.get();
  const int pid = make();
  if (pid < 0) return -errno;
  result->pid = pid;
  result->child = waiter.Watch(pid);
  report.Reset();
  // Its end without an answer is the exec().
  while (read(answer.get(), &image->answer, sizeof(image->answer)) < 0 && errno == EINTR) {
  }
  return 0;
}

#ifdef UVIO_CLONED

constexpr size_t kStackSize = size_t{64} * 1024;
constexpr size_t kGuardSize = size_t{64} * 1024;

int CloneWithPidfd(ChildImage* image, const ChildStack& stack, SpawnResult* result) {
  int pidfd = -1;
  const int pid = clone(RunSpawnedChild, stack.top(),
                        CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, image, &pidfd);
  if (pid < 0) return -errno;
  result->pid = pid;
  result->child = ChildWatch(pidfd);
  return 0;
}

int Start(ChildImage* image, const ChildStack& stack, SpawnResult* result) {
  if (stack.top() == nullptr) return UV_ENOMEM;
  if (HasPidfds(stack.top())) return CloneWithPidfd(image, stack, result);
  return StartWithWaiter(image, result, [image, &stack] {
    return clone(RunSpawnedChild, stack.top(), CLONE_VM | CLONE_VFORK | SIGCHLD, image);
  });
}

#else

int HighestDescriptor() {
  int highest = STDERR_FILENO;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/dev/fd"), closedir);
  // Without it, as many as most programs may have.
  if (folder == nullptr) return 10240;
  while (const dirent* entry = readdir(folder.get())) {
    highest = std::max(highest, std::atoi(entry->d_name));
  }
  return highest;
}

int Start(ChildImage* image, const ChildStack&, SpawnResult* result) {
  if (!image->plan->Has(SpawnPlan::kKeepDescriptors)) image->highest = HighestDescriptor();
  return StartWithWaiter(image, result, [image]() -> int {
    const pid_t pid = fork();
    if (pid == 0) RunSpawnedChild(image);
    return pid;
  });
}

#endif  // UVIO_CLONED

}  // namespace

#ifdef UVIO_CLONED

ChildStack::ChildStack()
    : memory_(mmap(nullptr, kGuardSize + kStackSize, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {
  if (memory_ != MAP_FAILED) mprotect(memory_, kGuardSize, PROT_NONE);
}

ChildStack::~ChildStack() {
  if (memory_ != MAP_FAILED) munmap(memory_, kGuardSize + kStackSize);
}

void* ChildStack::top() const {
  return memory_ == MAP_FAILED ? nullptr : static_cast<char*>(memory_) + kGuardSize + kStackSize;
}

#endif  // UVIO_CLONED

SpawnResult StartChild(SpawnPlan* plan, const ChildStack& stack) {
  SpawnResult result;
  const auto fail = [&result](SpawnStep step, int error) {
    result.error = error;
    result.step = step;
    result.child = ChildWatch();
    result.pipes.clear();
    return std::move(result);
  };
  SpawnDescriptors descriptors(plan);
  if (!descriptors.Open(&result)) return fail(result.step, result.error);

  const std::vector<char*> args = Split(&plan->args);
  const std::vector<char*> env = Split(&plan->env);
  const std::vector<std::string> paths = Candidates(plan->program, PathOf(env));
  std::vector<const char*> candidates;
  candidates.reserve(paths.size() + 1);
  for (const std::string& path : paths) candidates.push_back(path.c_str());
  candidates.push_back(nullptr);
  const std::vector<unsigned long> affinity = AffinityMask(plan->cpu_affinity);

  ChildImage image{};
  image.candidates = candidates.data();
  image.args = args.data();
  image.env = env.data();
  image.cwd = plan->cwd.has_value() ? plan->cwd->c_str() : nullptr;
  image.descriptors = descriptors.list().data();
  image.descriptor_count = descriptors.list().size();
  image.plan = plan;
  image.affinity = affinity.empty() ? nullptr : affinity.data();
  image.affinity_size = affinity.size() * sizeof(unsigned long);
  image.parent_pid = getpid();
  image.report = -1;

  const int error = Start(&image, stack, &result);
  if (error != 0) return fail(SpawnStep::kFork, error);
  if (image.answer.error != 0) {
    siginfo_t info;
    result.child.Reap(&info, nullptr, 0);
    return fail(image.answer.step, image.answer.error);
  }
  descriptors.Commit();
  return result;
}

ChildWatch UndoStart(SpawnResult* result) {
  result->pipes.clear();
  if (result->child.descriptor() >= 0) result->child.Signal(SIGKILL);
  return std::move(result->child);
}

}  // namespace uvio

#endif  // !_WIN32
