// Descriptors that programs hand over; see descriptor.h.
#include "uv/descriptor.h"

#ifndef _WIN32
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#endif
#ifdef __linux__
#include <sys/epoll.h>
#elif defined(__APPLE__)
#include <sys/event.h>
#endif

namespace uvio {

#ifdef _WIN32

int DuplicateDescriptor(int, int*) { return UV_ENOTSUP; }
int CopyDescriptor(int, int*) { return UV_ENOTSUP; }
int MakePipe(int[2]) { return UV_ENOTSUP; }
void CloseDescriptor(int) {}
void CloseOriginal(int, int) {}
int CheckWatchable(uv_loop_t*, int) { return UV_ENOTSUP; }
bool IsSocket(int) { return false; }
int SetFilePosition(int, int64_t) { return UV_ENOTSUP; }
bool IsTerminalMaster(uv_os_fd_t) { return false; }

#else

namespace {

// A new open file of the terminal behind `descriptor`, or -1.
int ReopenTerminal(int descriptor) {
  // The master's side has no name: opening it makes another terminal.
  if (IsTerminalMaster(descriptor)) return -1;
  char name[256];
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0 || ttyname_r(descriptor, name, sizeof(name)) != 0) return -1;
  return open(name, (flags & O_ACCMODE) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

}  // namespace

int DuplicateDescriptor(int descriptor, int* duplicate) {
  const int made = isatty(descriptor) == 1 ? ReopenTerminal(descriptor) : -1;
  if (made < 0) return CopyDescriptor(descriptor, duplicate);
  *duplicate = made;
  return 0;
}

int CopyDescriptor(int descriptor, int* copy) {
  const int made = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (made < 0) return -errno;
  *copy = made;
  return 0;
}

int MakePipe(int ends[2]) {
#ifdef __linux__
  return pipe2(ends, O_CLOEXEC) != 0 ? -errno : 0;
#else
  if (pipe(ends) != 0) return -errno;
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  return 0;
#endif
}

void CloseDescriptor(int descriptor) { close(descriptor); }

void CloseOriginal(int original, int duplicate) {
  struct stat now {};
  struct stat ours {};
  if (original > STDERR_FILENO && fstat(original, &now) == 0 && fstat(duplicate, &ours) == 0 &&
      now.st_dev == ours.st_dev && now.st_ino == ours.st_ino) {
    close(original);
  }
}

int CheckWatchable(uv_loop_t* loop, int descriptor) {
#ifdef __linux__
  const int backend = uv_backend_fd(loop);
  epoll_event event{};
  if (epoll_ctl(backend, EPOLL_CTL_ADD, descriptor, &event) != 0) return -errno;
  epoll_ctl(backend, EPOLL_CTL_DEL, descriptor, &event);
#else
  // kqueue takes files, as always ready; libuv gives up the process over what it does not take.
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return -errno;
  if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) return UV_EPERM;
#ifdef __APPLE__
  const int backend = uv_backend_fd(loop);
  struct kevent event {};
  EV_SET(&event, descriptor, EVFILT_READ, EV_ADD, 0, 0, nullptr);
  if (kevent(backend, &event, 1, nullptr, 0, nullptr) != 0) return -errno;
  EV_SET(&event, descriptor, EVFILT_READ, EV_DELETE, 0, 0, nullptr);
  kevent(backend, &event, 1, nullptr, 0, nullptr);
#else
  (void)loop;
#endif
#endif
  return 0;
}

bool IsSocket(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}

int SetFilePosition(int descriptor, int64_t position) {
  return lseek(descriptor, static_cast<off_t>(position), SEEK_SET) < 0 ? -errno : 0;
}

bool IsTerminalMaster(uv_os_fd_t descriptor) {
#ifdef TIOCGPTN
  int number;
  return ioctl(descriptor, TIOCGPTN, &number) == 0;
#elif defined(TIOCPTYGNAME)
  char name[128];
  return ioctl(descriptor, TIOCPTYGNAME, name) == 0;
#else
  (void)descriptor;
  return false;
#endif
}

#endif

}  // namespace uvio
