// How the threads of the process reach a loop; see mailbox.h.
#include "base/mailbox.h"

#include <utility>

namespace uvio {

namespace {

// Which mailboxes are open. Looked into when threads get to know each other, and not for letters.
struct Registry {
  std::mutex mutex;
  int32_t last = 0;
  std::unordered_map<int32_t, std::shared_ptr<Mailbox>> mailboxes;

  // Never destroyed: threads may outlive the process's static objects.
  static Registry* Get() {
    static auto* registry = new Registry();
    return registry;
  }
};

}  // namespace

std::shared_ptr<Mailbox> Mailbox::Open(Bell* bell) {
  auto mailbox = std::make_shared<Mailbox>(bell);
  Registry* registry = Registry::Get();
  const std::lock_guard<std::mutex> lock(registry->mutex);
  mailbox->address_ = ++registry->last;
  registry->mailboxes.emplace(mailbox->address_, mailbox);
  return mailbox;
}

std::shared_ptr<Mailbox> Mailbox::Find(int32_t address) {
  Registry* registry = Registry::Get();
  const std::lock_guard<std::mutex> lock(registry->mutex);
  const auto found = registry->mailboxes.find(address);
  return found == registry->mailboxes.end() ? nullptr : found->second;
}

bool Mailbox::Deliver(LetterOwner letter) {
  Letter* raw = letter.release();
  const Pushed pushed = queue_.Push(raw);
  if (pushed == Pushed::kToNobody) {
    letter.reset(raw);
    return false;
  }
  if (pushed == Pushed::kToOneAsleep) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (bell_ != nullptr) bell_->Ring();
    rung_.notify_one();
  }
  return true;
}

bool Mailbox::Attach(int32_t address) {
  if (attached_.count(address) != 0) return true;
  std::shared_ptr<Mailbox> other = Find(address);
  if (other == nullptr || !other->AddWatcher(address_)) return false;
  attached_.emplace(address, std::move(other));
  return true;
}

bool Mailbox::Post(int32_t address, LetterOwner letter) {
  const auto found = attached_.find(address);
  if (found == attached_.end()) return false;
  letter->from = address_;
  return found->second->Deliver(std::move(letter));
}

bool Mailbox::AddWatcher(int32_t address) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (bell_ == nullptr) return false;
  watchers_.insert(address);
  return true;
}

void Mailbox::RemoveWatcher(int32_t address) {
  const std::lock_guard<std::mutex> lock(mutex_);
  watchers_.erase(address);
}

void Mailbox::Sort(Letter* letter) {
  while (letter != nullptr) {
    LetterOwner owner(letter);
    letter = letter->next;
    // The other is gone: it is held no longer than its last letter is underway.
    if (owner->kind == Letter::kClosed) attached_.erase(owner->from);
    (owner->IsCall() ? calls_ : notices_).push_back(std::move(owner));
  }
}

size_t Mailbox::Take() {
  const size_t before = calls_.size();
  do {
    Sort(queue_.TakeAll());
  } while (calls_.size() == before && !queue_.Sleep());
  return calls_.size() - before;
}

LetterOwner Mailbox::Next(Letters* letters) {
  if (letters->empty()) return nullptr;
  LetterOwner letter = std::move(letters->front());
  letters->pop_front();
  return letter;
}

void Mailbox::Wait(std::chrono::duration<double, std::milli> longest) {
  if (!queue_.Sleep()) return;
  std::unique_lock<std::mutex> lock(mutex_);
  rung_.wait_for(lock, longest, [this] { return !queue_.empty(); });
}

void Mailbox::Close() {
  {
    Registry* registry = Registry::Get();
    const std::lock_guard<std::mutex> lock(registry->mutex);
    registry->mailboxes.erase(address_);
  }
  std::set<int32_t> watchers;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    bell_ = nullptr;
    watchers.swap(watchers_);
  }
  Sort(queue_.Close());
  const auto send = [this](int32_t address, Letter::Kind kind, std::string text) {
    const std::shared_ptr<Mailbox> other = Find(address);
    if (other == nullptr) return;
    auto letter = std::make_unique<Letter>();
    letter->from = address_;
    letter->kind = kind;
    letter->text = std::move(text);
    other->Deliver(std::move(letter));
  };
  if (begun_ != nullptr) calls_.push_front(std::move(begun_));
  for (const LetterOwner& call : calls_) {
    // Who made a request hears that the mailbox is closed.
    if (call->kind == Letter::kCall) send(call->from, Letter::kReturned, std::move(call->text));
  }
  for (const int32_t watcher : watchers) send(watcher, Letter::kClosed, std::string());
  for (const auto& [address, other] : attached_) other->RemoveWatcher(address_);
  calls_.clear();
  notices_.clear();
  attached_.clear();
}

}  // namespace uvio
