// Children that nobody watches any more; see orphanage.h.
#include "uv/orphanage.h"

#ifndef _WIN32

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "uv/background.h"
#include "uv/descriptor.h"

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
  int ends[2];
  const int error = MakePipe(ends);
  if (error != 0) return error;
  wakeup_.Reset(ends[0]);
  waker_.Reset(ends[1]);
  for (const int end : ends) fcntl(end, F_SETFL, O_NONBLOCK);
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
  // Fails only when it is awake already.
  [[maybe_unused]] const ssize_t written = write(waker_.get(), "", 1);
}

void Orphanage::Run() {
  std::vector<ChildWatch> orphans;
  for (;;) {
    std::vector<pollfd> watched{{wakeup_.get(), POLLIN, 0}};
    for (const ChildWatch& orphan : orphans) {
      watched.push_back({orphan.descriptor(), POLLIN, 0});
    }
    if (poll(watched.data(), watched.size(), -1) <= 0) continue;
    char bytes[64];
    [[maybe_unused]] const ssize_t size = read(wakeup_.get(), bytes, sizeof(bytes));
    orphans.erase(std::remove_if(orphans.begin(), orphans.end(), HasExited), orphans.end());
    const std::lock_guard<std::mutex> lock(mutex_);
    std::move(taken_.begin(), taken_.end(), std::back_inserter(orphans));
    taken_.clear();
  }
}

}  // namespace uvio

#endif  // !_WIN32
