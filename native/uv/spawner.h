// The spawn thread: one for the process, which starts the children of all loops in turn.
//
// It lives as long as the process: a child's parent-death signal is sent when the thread ends that
// started it, and not the process. A port is a loop's way to it. The thread also reaps children
// whose loop is gone, so that none is left as a zombie. Invariant: it touches a port only while the
// port is in the queue or a start of it is under way.
#ifndef UVIO_UV_SPAWNER_H_
#define UVIO_UV_SPAWNER_H_

#ifdef __linux__

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "base/fair_queue.h"
#include "uv/spawn_plan.h"
#include "uv/spawn_start.h"

namespace uvio {

class SpawnAnswers;
class SpawnListener;

// One start that was asked for. The listener belongs to the thread that asked.
struct SpawnRequest {
  SpawnPlan plan;
  SpawnResult result;
  SpawnListener* listener = nullptr;
  SpawnAnswers* answers = nullptr;
};

using SpawnRequestOwner = std::unique_ptr<SpawnRequest>;

// Where the answers for one loop go to.
class SpawnAnswers {
 public:
  // A first answer is there: called on the spawn thread, under its lock.
  virtual void Wake() = 0;

 protected:
  ~SpawnAnswers() = default;

 private:
  friend class Spawner;
  std::vector<SpawnRequestOwner> answered_;
};

class Spawner {
 public:
  // Starts the thread when it is needed first. A negative code where that, or watching children by
  // descriptor, is not possible.
  static int Get(Spawner** spawner);

  void Post(SpawnRequestOwner request);
  std::vector<SpawnRequestOwner> Take(SpawnAnswers* answers);
  // Takes a request back that has not begun; false when it has.
  bool Withdraw(const SpawnRequest* request);
  // Takes everything back, begun or not; waits for the start that is under way. The thread does not
  // know `answers` any more when this returns.
  std::vector<SpawnRequestOwner> Leave(SpawnAnswers* answers);

  // Takes a child over, of which nothing is wanted but that it is reaped when it ends.
  void Adopt(UniqueDescriptor pidfd);

 private:
  Spawner() = default;

  int Begin();
  void Run();
  void WakeUp() const;
  void Wait(bool may_sleep);
  void StartNext(std::unique_lock<std::mutex>* lock);

  UniqueDescriptor wakeup_;
  ChildStack stack_;
  std::mutex mutex_;
  std::condition_variable started_;
  FairQueue<SpawnRequestOwner> queue_;
  SpawnAnswers* under_way_ = nullptr;
  std::vector<UniqueDescriptor> adopted_;
  // The thread's alone.
  std::vector<UniqueDescriptor> orphans_;
};

}  // namespace uvio

#endif  // __linux__

#endif  // UVIO_UV_SPAWNER_H_
