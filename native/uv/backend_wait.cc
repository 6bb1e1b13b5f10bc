// Waits for the events of a loop on another thread than the loop's; see backend_wait.h.

// Apple's select() refuses descriptors from 1024 on without it.
#define _DARWIN_UNLIMITED_SELECT 1

#include "uv/backend_wait.h"

#include "uv/loop.h"

#ifndef UVIO_EMBEDDED

#ifndef _WIN32
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#endif

namespace uvio {

#ifdef _WIN32

int BackendWait::Init(const uv_loop_t* loop) {
  port_ = loop->iocp;
  return 0;
}

bool BackendWait::Wait(int milliseconds) {
  DWORD size = 0;
  ULONG_PTR key = 0;
  OVERLAPPED* packet = nullptr;
  const BOOL taken =
      GetQueuedCompletionStatus(port_, &size, &key, &packet, static_cast<DWORD>(milliseconds));
  // No packet: an interruption, no time left, or an error that libuv is to meet.
  if (packet == nullptr) return taken == FALSE && GetLastError() != WAIT_TIMEOUT;
  // A lost packet would be a handle that hangs. Only want of memory can refuse it.
  while (PostQueuedCompletionStatus(port_, size, key, packet) == FALSE) Sleep(1);
  return true;
}

void BackendWait::Interrupt() { PostQueuedCompletionStatus(port_, 0, 0, nullptr); }

#else

int BackendWait::Init(const uv_loop_t* loop) {
  backend_ = uv_backend_fd(loop);
  int ends[2];
  const int error = MakePipe(ends);
  if (error != 0) return error;
  interruption_.Reset(ends[0]);
  interrupter_.Reset(ends[1]);
  for (const int end : ends) fcntl(end, F_SETFL, O_NONBLOCK);
  watched_.resize(static_cast<size_t>(std::max(backend_, ends[0])) / NFDBITS + 1);
  return 0;
}

bool BackendWait::Wait(int milliseconds) {
  constexpr int kThousand = 1000;
  const int interruption = interruption_.get();
  const auto bit = [](int descriptor) {
    return static_cast<fd_mask>(1ul << (static_cast<size_t>(descriptor) % NFDBITS));
  };
  std::fill(watched_.begin(), watched_.end(), 0);
  fd_mask* const backend = &watched_[static_cast<size_t>(backend_) / NFDBITS];
  *backend |= bit(backend_);
  watched_[static_cast<size_t>(interruption) / NFDBITS] |= bit(interruption);
  timeval time{};
  time.tv_sec = milliseconds / kThousand;
  time.tv_usec = milliseconds % kThousand;
  time.tv_usec *= kThousand;
  const int count = std::max(backend_, interruption) + 1;
  auto* const set = reinterpret_cast<fd_set*>(watched_.data());
  if (select(count, set, nullptr, nullptr, &time) <= 0) return false;
  char bytes[16];
  while (read(interruption, bytes, sizeof(bytes)) > 0) {
  }
  return (*backend & bit(backend_)) != 0;
}

void BackendWait::Interrupt() {
  const char byte = 0;
  // A full pipe interrupts, too.
  (void)!write(interrupter_.get(), &byte, 1);
}

#endif

}  // namespace uvio

#endif  // !UVIO_EMBEDDED
