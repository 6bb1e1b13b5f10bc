// Waits for the events of a loop on another thread than the loop's; see backend_wait.h.
#include "uv/backend_wait.h"

#include "uv/loop.h"

#ifndef UVIO_EMBEDDED

#ifndef _WIN32
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
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
  return 0;
}

bool BackendWait::Wait(int milliseconds) {
  pollfd watched[] = {{backend_, POLLIN, 0}, {interruption_.get(), POLLIN, 0}};
  if (poll(watched, 2, milliseconds) <= 0) return false;
  char bytes[16];
  while (read(interruption_.get(), bytes, sizeof(bytes)) > 0) {
  }
  return watched[0].revents != 0;
}

void BackendWait::Interrupt() {
  const char byte = 0;
  // A full pipe interrupts, too.
  (void)!write(interrupter_.get(), &byte, 1);
}

#endif

}  // namespace uvio

#endif  // !UVIO_EMBEDDED
