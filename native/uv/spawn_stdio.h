// The descriptors of a child on the parent's side: opened before the start, let go after it.
//
// Everything is close-on-exec from the moment at which it exists, since other threads start
// programs too. What was changed for the child and belongs to others is put back when the start
// fails.
#ifndef UVIO_UV_SPAWN_STDIO_H_
#define UVIO_UV_SPAWN_STDIO_H_

#ifndef _WIN32

#include <utility>
#include <vector>

#include "uv/spawn_child.h"
#include "uv/spawn_plan.h"

namespace uvio {

class SpawnDescriptors {
 public:
  explicit SpawnDescriptors(SpawnPlan* plan) : plan_(plan) {}
  // Closes what is the child's alone.
  ~SpawnDescriptors();
  SpawnDescriptors(const SpawnDescriptors&) = delete;
  SpawnDescriptors& operator=(const SpawnDescriptors&) = delete;

  // False with the error in `result`; else the parent's ends are there.
  bool Open(SpawnResult* result);

  // By rising number in the child.
  std::vector<ChildDescriptor>& list() { return list_; }

  // The child has started: changes stay.
  void Commit() { changed_.clear(); }

 private:
  int OpenOne(SpawnStdio* stdio, SpawnResult* result);
  int Connect(SpawnStdio* stdio, SpawnResult* result);
  int MakeBlocking(int descriptor);

  SpawnPlan* plan_;
  std::vector<ChildDescriptor> list_;
  // Descriptors whose mode was changed, and the mode before.
  std::vector<std::pair<int, int>> changed_;
};

}  // namespace uvio

#endif  // !_WIN32

#endif  // UVIO_UV_SPAWN_STDIO_H_
