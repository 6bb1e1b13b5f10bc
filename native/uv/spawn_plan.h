// What is to be started, and what came of it: plain data that two threads hand to each other.
//
// The numbers of steps, kinds and flags are those of src/binding/process_contract.ts. A plan owns
// the descriptors in it, a result those that belong to the parent; whoever drops one unused closes
// them.
#ifndef UVIO_UV_SPAWN_PLAN_H_
#define UVIO_UV_SPAWN_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "uv/child_watch.h"
#include "uv/unique_descriptor.h"

namespace uvio {

// What can fail.
enum class SpawnStep : int {
  kExec,
  kOpen,
  kPipe,
  kFork,
  kSession,
  kGroup,
  kDescriptors,
  kDirectory,
  kAffinity,
  kPriority,
  kLimit,
  kGroups,
  kGid,
  kUid,
  kDeathSignal,
  kWatch,
};

// One descriptor of the child.
struct SpawnStdio {
  enum Kind : int {
    kInherit,
    kDescriptor,
    kBlocking,
    kNull,
    kFile,
    kReads,
    kWrites,
    kBoth,
    kSame,
    kKinds,
  };

  int target = 0;
  Kind kind = kNull;
  // The parent's descriptor, flags of open(), or another target.
  int value = 0;
  int mode = 0;
  std::string path;
  // The child's end, once it is there.
  UniqueDescriptor source;
};

struct SpawnLimit {
  int resource;
  uint64_t soft;
  uint64_t hard;
};

struct SpawnPlan {
  enum Flag : int { kNewSession = 1, kKeepDescriptors = 2, kLeaveRunning = 4 };

  // Where several strings are in one, each ends with a zero byte.
  std::string program;
  std::string args;
  std::string env;
  std::optional<std::string> cwd;
  std::vector<SpawnStdio> stdio;
  int flags = 0;
  std::optional<int> process_group;
  std::optional<int> umask;
  std::optional<int> nice;
  std::optional<int> parent_death_signal;
  std::optional<uint32_t> uid;
  std::optional<uint32_t> gid;
  std::optional<std::vector<uint32_t>> groups;
  std::vector<uint32_t> cpu_affinity;
  std::vector<SpawnLimit> limits;

  bool Has(Flag flag) const { return (flags & flag) != 0; }
};

// The parent's end of a pipe. To notice that the child has closed a pipe that it reads, a second
// descriptor is needed, which is there from the beginning so that nothing can fail later.
struct SpawnPipe {
  int target;
  UniqueDescriptor end;
  UniqueDescriptor hangup;
};

struct SpawnResult {
  // 0, or a negative code with the step that failed; then there is no child.
  int error = 0;
  SpawnStep step = SpawnStep::kExec;
  // The child's descriptor that it was about; 0 when it was about none.
  int target = 0;
  int pid = 0;
  ChildWatch child;
  std::vector<SpawnPipe> pipes;
};

}  // namespace uvio

#endif  // UVIO_UV_SPAWN_PLAN_H_
