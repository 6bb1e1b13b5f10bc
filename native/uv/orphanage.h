// Children that nobody watches any more, until they have ended and been reaped.
//
// What was started for a loop that has been closed meanwhile, or was left running, would stay as a
// zombie when it ends. One thread for the process waits for all of them.
#ifndef UVIO_UV_ORPHANAGE_H_
#define UVIO_UV_ORPHANAGE_H_

#ifndef _WIN32

#include <mutex>
#include <vector>

#include "uv/child_watch.h"
#include "uv/unique_descriptor.h"

namespace uvio {

class Orphanage {
 public:
  // Starts the thread when it is needed first; a negative code when that is not possible.
  static int Open();

  // Takes a child over; nothing happens without one. There must have been an Open().
  static void Take(ChildWatch child);

 private:
  int Begin();
  void Run();
  void WakeUp() const;

  static Orphanage* instance_;

  // The ends of a pipe.
  UniqueDescriptor wakeup_;
  UniqueDescriptor waker_;
  std::mutex mutex_;
  std::vector<ChildWatch> taken_;
};

}  // namespace uvio

#endif  // !_WIN32

#endif  // UVIO_UV_ORPHANAGE_H_
