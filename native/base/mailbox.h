// How the threads of the process reach a loop: each loop that takes part has a mailbox.
//
// A mailbox has an address, a number that is never given twice. Deliver() and Find() are for any
// thread; everything else is for the thread of the loop, the owner. Two that write to each other
// hold each other's mailbox, so that one which has closed can still be found closed.
// Invariant: a letter that Deliver() took is read by the owner or, when it is a call that was not
// run to its end, returned by Close(); and whoever attached to a mailbox hears once that it has
// closed.
#ifndef UVIO_BASE_MAILBOX_H_
#define UVIO_BASE_MAILBOX_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include "base/mpsc_queue.h"

namespace uvio {

struct Letter {
  // mailbox_contract.ts has the same list. A call waits until the owner has time to run it; the
  // others are notices, which the owner reads at once.
  enum Kind : int32_t {
    kCall,       // to be run; answered only when that is not possible
    kRequest,    // to be run and answered
    kCancel,     // of a request, by who made it
    kResult,     // the three answers
    kError,      //
    kCancelled,  //
    kRefused,    // a kCall could not be run
    kReturned,   // a kCall was in a mailbox that has closed: its own text
    kConnected,  // the sender has the port for values that are no text
    kClosed,     // the sender's mailbox
    kKindCount,
  };

  Letter* next = nullptr;
  int32_t from = 0;
  Kind kind = kCall;
  // Which request of the sender's, or of the receiver's in an answer.
  int64_t call = 0;
  std::string text;

  bool IsCall() const { return kind == kCall || kind == kRequest; }
};

using LetterOwner = std::unique_ptr<Letter>;

// What wakes a loop that is asleep.
class Bell {
 public:
  // Any thread, under a lock; once for all letters that come until the owner looks, and not while
  // it is busy with calls.
  virtual void Ring() = 0;

 protected:
  ~Bell() = default;
};

class Mailbox {
 public:
  // `bell` must live until Close(), which must be called.
  static std::shared_ptr<Mailbox> Open(Bell* bell);
  // Null when it has closed, or never was.
  static std::shared_ptr<Mailbox> Find(int32_t address);

  explicit Mailbox(Bell* bell) : bell_(bell) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // False when the mailbox is closed.
  bool Deliver(LetterOwner letter);

  int32_t address() const { return address_; }

  // Makes it possible to Post() to a mailbox; false when that one is closed. Doing it again does
  // nothing.
  bool Attach(int32_t address);
  // False when the mailbox is closed or was not attached to.
  bool Post(int32_t address, LetterOwner letter);

  // Sorts what has come; how many calls there are more than before. If any, the bell does not ring
  // for what comes next: the owner has to look again when it has run them.
  size_t Take();
  // Begins the next call, which ends the one before; null when there is none. A call that Close()
  // finds begun and not ended is returned as well.
  const Letter* NextCall() {
    begun_ = Next(&calls_);
    return begun_.get();
  }
  void EndCall() { begun_.reset(); }
  // Null when there is none.
  LetterOwner NextNotice() { return Next(&notices_); }
  bool HasNotices() const { return !notices_.empty(); }

  // Blocks the thread until a letter is there; at most so long.
  void Wait(std::chrono::duration<double, std::milli> longest);

  // Takes no more letters, and tells everybody.
  void Close();

 private:
  using Letters = std::deque<LetterOwner>;

  static LetterOwner Next(Letters* letters);
  void Sort(Letter* letter);
  bool AddWatcher(int32_t address);
  void RemoveWatcher(int32_t address);

  int32_t address_ = 0;
  MpscQueue<Letter> queue_;

  std::mutex mutex_;  // guards the next three
  std::condition_variable rung_;
  Bell* bell_;  // null once closed
  // Whose owners have attached to this one.
  std::set<int32_t> watchers_;

  // The owner's.
  Letters calls_;
  LetterOwner begun_;
  Letters notices_;
  std::unordered_map<int32_t, std::shared_ptr<Mailbox>> attached_;
};

}  // namespace uvio

#endif  // UVIO_BASE_MAILBOX_H_
