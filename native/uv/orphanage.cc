// Children that nobody watches any more; see orphanage.h.
#include "uv/orphanage.h"

#ifdef __linux__

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <utility>

#include "uv/background.h"

namespace uvio {

namespace {

bool HasExited(const ChildWatch& child) {
  siginfo_t info;
  // An error means that somebody else has reaped it.
  return child.Reap(&info, nullptr, WNOHANG) != 0 || info.si_pid != 0;
}

}  // namespace

Orphanage* Orphanage::instance_ = nullptr;

int Orphanage::Open() {
  static std::mutex guard;
  const std::lock_guard<std::mutex> lock(guard);
  if (instance_ != nullptr) return 0;
  // Never deleted: the thread uses it until the process ends.
  auto* created = new Orphanage();
  const int error = created->Begin();
  if (error != 0) {
    delete created;
    return error;
  }
  instance_ = created;
  return 0;
}

int Orphanage::Begin() {
  wakeup_.Reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (wakeup_.get() < 0) return -errno;
  return StartBackground(
      "uvio-reap", [](void* self) { static_cast<Orphanage*>(self)->Run(); }, this);
}

void Orphanage::Take(ChildWatch child) {
  if (child.descriptor() < 0) return;
  const std::lock_guard<std::mutex> lock(instance_->mutex_);
  instance_->taken_.push_back(std::move(child));
  instance_->WakeUp();
}

void Orphanage::WakeUp() const {
  const uint64_t one = 1;
  // Fails only when it is awake already.
  [[maybe_unused]] const ssize_t written = write(wakeup_.get(), &one, sizeof(one));
}

void Orphanage::Run() {
  std::vector<ChildWatch> orphans;
  for (;;) {
    std::vector<pollfd> watched{{wakeup_.get(), POLLIN, 0}};
    for (const ChildWatch& orphan : orphans) {
      watched.push_back({orphan.descriptor(), POLLIN, 0});
    }
    if (poll(watched.data(), watched.size(), -1) <= 0) continue;
    uint64_t count;
    [[maybe_unused]] const ssize_t size = read(wakeup_.get(), &count, sizeof(count));
    orphans.erase(std::remove_if(orphans.begin(), orphans.end(), HasExited), orphans.end());
    const std::lock_guard<std::mutex> lock(mutex_);
    std::move(taken_.begin(), taken_.end(), std::back_inserter(orphans));
    taken_.clear();
  }
}

}  // namespace uvio

#endif  // __linux__
