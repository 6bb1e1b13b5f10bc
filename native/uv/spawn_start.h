// One start, from plan to running child: the parent's half, on a spawn thread.
//
// The child is cloned into the parent's memory, as by vfork(): no page table is copied, whatever
// the size of the heap, and an error of exec() comes back in shared memory. The descriptor that
// watches it is made by the same system call, so there is never a child that cannot be watched.
// Where there are no pidfds, a thread waits for the child; the error comes through a pipe there,
// since an emulator makes a fork() of it. On other systems than Linux it is one.
#ifndef UVIO_UV_SPAWN_START_H_
#define UVIO_UV_SPAWN_START_H_

#ifndef _WIN32

#include <cstddef>

#include "uv/spawn_plan.h"

namespace uvio {

#ifdef UVIO_CLONED

// The stack on which children run until exec(), one after the other.
class ChildStack {
 public:
  ChildStack();
  ~ChildStack();
  ChildStack(const ChildStack&) = delete;
  ChildStack& operator=(const ChildStack&) = delete;

  // Null when there was no memory.
  void* top() const;

 private:
  void* memory_;
};

#else

// fork() copies that of the calling thread.
class ChildStack {};

#endif  // UVIO_CLONED

// Starts the child of `plan` and waits for its exec(). All signals must be blocked in the calling
// thread.
SpawnResult StartChild(SpawnPlan* plan, const ChildStack& stack);

// Kills a child that nobody wants; the answer is what is still to be reaped.
ChildWatch UndoStart(SpawnResult* result);

}  // namespace uvio

#endif  // !_WIN32

#endif  // UVIO_UV_SPAWN_START_H_
