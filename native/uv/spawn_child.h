// What a new process does between clone() or fork() and exec(): the child's half of a start.
//
// The child runs in the parent's memory on a stack of its own, while the thread that started it is
// suspended. So it must not allocate, lock or call anything of the C library that keeps state: it
// makes system calls and nothing else, on what the parent has put into an image before. A forked
// child has a copy of that memory, of which other threads may hold locks: the same holds for it.
#ifndef UVIO_UV_SPAWN_CHILD_H_
#define UVIO_UV_SPAWN_CHILD_H_

#ifndef _WIN32

#include <cstddef>
#include <cstdint>

#include "uv/spawn_plan.h"

namespace uvio {

// A descriptor of the parent that the child gets under a number.
struct ChildDescriptor {
  int target;
  int source;
  // An inherited standard stream: blocking mode is made sure of, as Node does.
  bool blocks;
};

// The child's when it does not come to exec().
struct ChildAnswer {
  int error;
  SpawnStep step;
};

struct ChildImage {
  // Paths to try, in order; ends with null, as the others.
  const char* const* candidates;
  char* const* args;
  char* const* env;
  const char* cwd;
  // By rising target.
  ChildDescriptor* descriptors;
  size_t descriptor_count;
  const SpawnPlan* plan;
  const unsigned long* affinity;
  size_t affinity_size;
  int parent_pid;
  // Where the answer is written to as well, if the memory may not be the parent's: a descriptor
  // that is close-on-exec and above all targets. -1 when there is none.
  int report;
  // For a forked child that keeps no others: the highest descriptor that is open.
  int highest;

  ChildAnswer answer;
};

// To be run by the child with all signals blocked; `image` is a ChildImage. Returns only on
// failure.
int RunSpawnedChild(void* image);

}  // namespace uvio

#endif  // !_WIN32

#endif  // UVIO_UV_SPAWN_CHILD_H_
