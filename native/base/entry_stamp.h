// Since when JavaScript is running, left where another thread can read it: what a watchdog looks
// at.
//
// The words belong to the one who watches (memory shared between JavaScript threads). The loop's
// thread stores the moment of every entry, and 0 when it has left; the watcher stores the entry
// that it has reported, upon which that call's total is due. Without words nothing is written.
// A report in the very instant in which the call ends may find no total; nothing else races.
#ifndef UVIO_BASE_ENTRY_STAMP_H_
#define UVIO_BASE_ENTRY_STAMP_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace uvio {

class EntryStamp {
 public:
  // contract.ts has the same list.
  enum Word : size_t { kEntered, kReported, kSize };

  // Null: nobody watches. What was entered before is over, as far as the one before is concerned.
  template <typename Clock>
  void Attach(void* words, Clock clock) {
    Leave(clock);
    words_ = static_cast<std::atomic<int64_t>*>(words);
  }

  bool attached() const { return words_ != nullptr; }

  // JavaScript is entered now, perhaps right after another call.
  void Enter(uint64_t now) {
    if (words_ == nullptr) return;
    if (WasReported()) reported_ += now - entered_;
    entered_ = now;
    Store(now);
  }

  // JavaScript is left, its microtasks done. `clock` is read only when it has to be.
  template <typename Clock>
  void Leave(Clock clock) {
    if (entered_ == 0) return;
    if (WasReported()) reported_ += clock() - entered_;
    entered_ = 0;
    Store(0);
  }

  // How long the calls took that were reported since this was asked last.
  uint64_t TakeReported() {
    const uint64_t taken = reported_;
    reported_ = 0;
    return taken;
  }

 private:
  bool WasReported() const {
    return entered_ != 0 &&
           words_[kReported].load(std::memory_order_relaxed) == static_cast<int64_t>(entered_);
  }

  void Store(uint64_t moment) {
    words_[kEntered].store(static_cast<int64_t>(moment), std::memory_order_relaxed);
  }

  static_assert(std::atomic<int64_t>::is_always_lock_free);

  std::atomic<int64_t>* words_ = nullptr;
  uint64_t entered_ = 0;
  uint64_t reported_ = 0;
};

}  // namespace uvio

#endif  // UVIO_BASE_ENTRY_STAMP_H_
