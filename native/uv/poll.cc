// Readiness of a descriptor that belongs to somebody else; see poll.h.
#include "uv/poll.h"

#ifndef _WIN32
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace uvio {

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see poll_
Poll::Poll(int original, int duplicate, PollListener* listener)
    : Handle(reinterpret_cast<uv_handle_t*>(&poll_), listener),
      listener_(listener),
      original_(original),
      duplicate_(duplicate) {}

#ifdef _WIN32

int Poll::Create(Loop*, int, PollListener*, Poll**) { return UV_ENOTSUP; }
bool Poll::IsCurrent() const { return false; }
void Poll::OnClosing() {}

#else

int Poll::Create(Loop* loop, int descriptor, PollListener* listener, Poll** poll) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return -errno;
  const int duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return -errno;
  // libuv makes it non-blocking, and the mode is shared with the descriptor's owner.
  const int mode = fcntl(duplicate, F_GETFL);
  auto* created = new Poll(descriptor, duplicate, listener);
  const int error = uv_poll_init(loop->raw(), &created->poll_, duplicate);
  if (mode >= 0 && (mode & O_NONBLOCK) == 0) fcntl(duplicate, F_SETFL, mode);
  if (error != 0) {
    close(duplicate);
    delete created;
    return error;
  }
  created->device_ = static_cast<uint64_t>(status.st_dev);
  created->inode_ = static_cast<uint64_t>(status.st_ino);
  *poll = created;
  return 0;
}

bool Poll::IsCurrent() const {
  // Descriptors without a file (eventfd, inotify) share one inode: of these, one that took
  // another's number goes unnoticed.
  struct stat status {};
  return fstat(original_, &status) == 0 && static_cast<uint64_t>(status.st_dev) == device_ &&
         static_cast<uint64_t>(status.st_ino) == inode_;
}

void Poll::OnClosing() {
  uv_poll_stop(&poll_);
  close(duplicate_);
}

#endif

int Poll::Watch(int events) {
  watched_ = events;
  if (events == 0) return uv_poll_stop(&poll_);
  return uv_poll_start(&poll_, events, [](uv_poll_t* raw, int status, int ready) {
    static_cast<Poll*>(From(reinterpret_cast<uv_handle_t*>(raw)))->Ready(status, ready);
  });
}

void Poll::Ready(int status, int events) {
  if (!IsCurrent()) {
    Watch(0);
    if (listener_ != nullptr) listener_->OnReady(UV_EBADF);
    return;
  }
  // An error of the file itself (no reader is left, a datagram was refused) is for the descriptor's
  // owner to see, whichever way it uses it next. libuv has stopped watching.
  if (status < 0) {
    events = watched_;
    Watch(watched_);
  }
  if (listener_ != nullptr) listener_->OnReady(events & watched_);
}

}  // namespace uvio
