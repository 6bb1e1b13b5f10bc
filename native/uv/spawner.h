// The spawn threads: a few for the process, which start the children of all loops, in turn.
//
// They live as long as the process: a child's parent-death signal is sent when the thread ends that
// started it, and not the process. Several, so that the next start need not wait until the child of
// the last one has been given a processor for its exec(). A port is a loop's way to them.
// Invariant: they touch a port only while it is in the queue or a start of it is under way.
#ifndef UVIO_UV_SPAWNER_H_
#define UVIO_UV_SPAWNER_H_

#ifndef _WIN32

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "base/fair_queue.h"
#include "uv/spawn_plan.h"

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
  // A first answer is there: called on a spawn thread, under the lock.
  virtual void Wake() = 0;

 protected:
  ~SpawnAnswers() = default;

 private:
  friend class Spawner;
  std::vector<SpawnRequestOwner> answered_;
  int under_way_ = 0;
};

class Spawner {
 public:
  // Starts the threads when they are needed first. A negative code where that, or waiting for
  // children, is not possible.
  static int Get(Spawner** spawner);

  void Post(SpawnRequestOwner request);
  std::vector<SpawnRequestOwner> Take(SpawnAnswers* answers);
  // Takes a request back that has not begun; false when it has.
  bool Withdraw(const SpawnRequest* request);
  // Takes everything back, begun or not; waits for what is under way. No thread knows `answers` any
  // more when this returns.
  std::vector<SpawnRequestOwner> Leave(SpawnAnswers* answers);

 private:
  Spawner() = default;

  int Begin();
  void Run();

  std::mutex mutex_;
  std::condition_variable posted_;
  std::condition_variable answered_;
  FairQueue<SpawnRequestOwner> queue_;
};

}  // namespace uvio

#endif  // !_WIN32

#endif  // UVIO_UV_SPAWNER_H_
