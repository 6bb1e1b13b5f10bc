// The spawn thread; see spawner.h.
#include "uv/spawner.h"

#ifdef __linux__

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iterator>
#include <utility>

#include "uv/pidfd.h"

namespace uvio {

namespace {

// Linux 5.4 has all of it; a sandbox may forbid it, and says so in many ways.
bool CanWatchChildren() {
  const UniqueDescriptor self(OpenPidfd(getpid()));
  siginfo_t info;
  return self.get() >= 0 && ReapPidfd(self.get(), &info, nullptr, WNOHANG) == -ECHILD;
}

// Node unloads an addon with the last worker that uses it; the thread's code must stay.
void StayLoaded(void* code) {
  Dl_info info;
  if (dladdr(code, &info) != 0) dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

bool HasExited(int pidfd) {
  siginfo_t info;
  // An error means that somebody else has reaped it.
  return ReapPidfd(pidfd, &info, nullptr, WNOHANG) != 0 || info.si_pid != 0;
}

}  // namespace

int Spawner::Get(Spawner** spawner) {
  static std::mutex guard;
  static Spawner* instance = nullptr;
  const std::lock_guard<std::mutex> lock(guard);
  if (instance == nullptr) {
    if (!CanWatchChildren()) return UV_ENOSYS;
    auto* created = new Spawner();
    const int error = created->Begin();
    if (error != 0) {
      delete created;
      return error;
    }
    // Never deleted: the thread uses it until the process ends.
    instance = created;
  }
  *spawner = instance;
  return 0;
}

int Spawner::Begin() {
  wakeup_.Reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (wakeup_.get() < 0) return -errno;
  const auto run = [](void* self) -> void* {
    static_cast<Spawner*>(self)->Run();
    return nullptr;
  };
  void* (*entry)(void*) = run;
  // Handlers of signals must not run in children, which begin with the mask of this thread.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const int error = pthread_create(&thread, nullptr, entry, this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0) return -error;
  pthread_setname_np(thread, "uvio-spawn");
  pthread_detach(thread);
  StayLoaded(reinterpret_cast<void*>(entry));
  return 0;
}

void Spawner::Post(SpawnRequestOwner request) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const bool idle = queue_.empty();
  const SpawnAnswers* owner = request->answers;
  queue_.Push(owner, std::move(request));
  if (idle) WakeUp();
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
  started_.wait(lock, [this, answers] { return under_way_ != answers; });
  std::vector<SpawnRequestOwner> all = std::move(answers->answered_);
  std::move(queued.begin(), queued.end(), std::back_inserter(all));
  return all;
}

void Spawner::Adopt(UniqueDescriptor pidfd) {
  if (pidfd.get() < 0) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  adopted_.push_back(std::move(pidfd));
  WakeUp();
}

void Spawner::WakeUp() const {
  const uint64_t one = 1;
  // Fails only when it is awake already.
  [[maybe_unused]] const ssize_t written = write(wakeup_.get(), &one, sizeof(one));
}

void Spawner::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    std::move(adopted_.begin(), adopted_.end(), std::back_inserter(orphans_));
    adopted_.clear();
    const bool idle = queue_.empty();
    lock.unlock();
    Wait(idle);
    lock.lock();
    if (!queue_.empty()) StartNext(&lock);
  }
}

void Spawner::Wait(bool may_sleep) {
  std::vector<pollfd> watched{{wakeup_.get(), POLLIN, 0}};
  for (const UniqueDescriptor& orphan : orphans_) watched.push_back({orphan.get(), POLLIN, 0});
  if (poll(watched.data(), watched.size(), may_sleep ? -1 : 0) <= 0) return;
  if (watched[0].revents != 0) {
    uint64_t count;
    [[maybe_unused]] const ssize_t size = read(wakeup_.get(), &count, sizeof(count));
  }
  const auto gone =
      std::remove_if(orphans_.begin(), orphans_.end(),
                     [](const UniqueDescriptor& orphan) { return HasExited(orphan.get()); });
  orphans_.erase(gone, orphans_.end());
}

void Spawner::StartNext(std::unique_lock<std::mutex>* lock) {
  SpawnRequestOwner request = queue_.Pop();
  SpawnAnswers* answers = request->answers;
  under_way_ = answers;
  lock->unlock();
  request->result = StartChild(&request->plan, stack_);
  lock->lock();
  under_way_ = nullptr;
  answers->answered_.push_back(std::move(request));
  if (answers->answered_.size() == 1) answers->Wake();
  started_.notify_all();
}

}  // namespace uvio

#endif  // __linux__
