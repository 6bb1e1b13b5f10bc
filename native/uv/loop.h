// The dedicated uv_loop_t with its accounting: how often it polled, how long each callback took.
//
// Every handle in the loop is a uvio::Handle (its uv data pointer says so), which is what lets
// CloseHandles() end all of them without knowing their kinds. The loop may be closed only when
// nothing is left in it: TryClose() says whether that came true.
#ifndef UVIO_UV_LOOP_H_
#define UVIO_UV_LOOP_H_

#include <uv.h>

#include <cstdint>
#include <memory>

#include "base/entry_stamp.h"
#include "base/histogram.h"

// On Linux the loop is embedded in the host's: its backend descriptor is polled there, and timerfd
// makes it readable at a deadline. Elsewhere, or with UVIO_POLLED defined, a thread polls it.
#if defined(__linux__) && !defined(UVIO_POLLED)
#define UVIO_EMBEDDED 1
#endif

namespace uvio {

class SpawnPort;

class Loop {
 public:
  Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  int Init();
  uv_loop_t* raw() { return &loop_; }

  // Gives every watcher whose event is pending its callback, without waiting.
  void Poll();

  // True when a poll is due before anybody may sleep: watchers that are not in the kernel yet,
  // handles that want their close callback.
  bool NeedsPoll() const { return uv_backend_timeout(&loop_) == 0; }

  // Watches for an event for so many nanoseconds, awake. Always false where that cannot be done.
  bool BecomesReadable(uint64_t nanoseconds) const;

  void CloseHandles();
  bool TryClose();

  static uint64_t Now() { return uv_hrtime(); }
  static constexpr double kNanosecondsPerMillisecond = 1e6;
  static double Milliseconds(uint64_t nanoseconds) {
    return static_cast<double>(nanoseconds) / kNanosecondsPerMillisecond;
  }

  // Durations of callbacks into JavaScript and of polls, in nanoseconds.
  Histogram callbacks;
  Histogram polls;
  uint64_t turns = 0;
  // Nanoseconds spent in turns, and since when all of this is counted.
  uint64_t busy = 0;
  uint64_t counted_since = Now();

  // Begins to count anew.
  void ResetCounts();

  // For whoever watches from another thread how long a callback is running.
  EntryStamp entry;

  // What the UDP sockets of the loop share; see udp.cc.
  std::shared_ptr<void> receive_space;
  // Made by its first start of a program, gone when it is being closed.
  SpawnPort* spawn_port = nullptr;

 private:
  uv_loop_t loop_{};
};

}  // namespace uvio

#endif  // UVIO_UV_LOOP_H_
