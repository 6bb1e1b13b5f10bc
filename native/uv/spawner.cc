// The spawn threads; see spawner.h.
#include "uv/spawner.h"

#ifndef _WIN32

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "uv/background.h"
#include "uv/exit_wait.h"
#include "uv/spawn_start.h"

namespace uvio {

namespace {

#ifdef UVIO_CLONED
constexpr int kThreads = 4;
#else
// Without pipe2() a descriptor is not close-on-exec at once: what one start opens, another's child
// would keep.
constexpr int kThreads = 1;
#endif

// A sandbox may forbid it.
bool CanWaitForChildren() {
  siginfo_t info;
  return WaitForExit(P_PID, getpid(), &info, nullptr, WNOHANG) == -ECHILD;
}

}  // namespace

int Spawner::Get(Spawner** spawner) {
  static std::mutex guard;
  static Spawner* instance = nullptr;
  const std::lock_guard<std::mutex> lock(guard);
  if (instance == nullptr) {
    if (!CanWaitForChildren()) return UV_ENOSYS;
    // Never deleted: the threads use it until the process ends.
    auto* created = new Spawner();
    const int error = created->Begin();
    if (error != 0) {
      delete created;
      return error;
    }
    instance = created;
  }
  *spawner = instance;
  return 0;
}

int Spawner::Begin() {
  const auto run = [](void* self) { static_cast<Spawner*>(self)->Run(); };
  for (int count = 0; count < kThreads; count++) {
    const int error = StartBackground("uvio-spawn", run, this);
    // One is enough.
    if (error != 0) return count == 0 ? error : 0;
  }
  return 0;
}

void Spawner::Post(SpawnRequestOwner request) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const SpawnAnswers* owner = request->answers;
  queue_.Push(owner, std::move(request));
  posted_.notify_one();
}

std::vector<SpawnRequestOwner> Spawner::Take(SpawnAnswers* answers) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::move(answers->answered_);
}

bool Spawner::Withdraw(const SpawnRequest* request) {
  SpawnRequestOwner taken;
  const std::lock_guard<std::mutex> lock(mutex_);
  return queue_.Remove(
      request->answers,
      [request](const SpawnRequestOwner& queued) { return queued.get() == request; }, &taken);
}

std::vector<SpawnRequestOwner> Spawner::Leave(SpawnAnswers* answers) {
  std::unique_lock<std::mutex> lock(mutex_);
  auto queued = queue_.Remove(answers);
  answered_.wait(lock, [answers] { return answers->under_way_ == 0; });
  std::vector<SpawnRequestOwner> all = std::move(answers->answered_);
  std::move(queued.begin(), queued.end(), std::back_inserter(all));
  return all;
}

void Spawner::Run() {
  const ChildStack stack;
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    posted_.wait(lock, [this] { return !queue_.empty(); });
    SpawnRequestOwner request = queue_.Pop();
    SpawnAnswers* answers = request->answers;
    answers->under_way_++;
    lock.unlock();
    request->result = StartChild(&request->plan, stack);
    lock.lock();
    answers->under_way_--;
    answers->answered_.push_back(std::move(request));
    if (answers->answered_.size() == 1) answers->Wake();
    answered_.notify_all();
  }
}

}  // namespace uvio

#endif  // !_WIN32
