// The descriptors of a child on the parent's side; see spawn_stdio.h.
#include "uv/spawn_stdio.h"

#ifndef _WIN32

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace uvio {

namespace {

#ifdef SOCK_CLOEXEC
constexpr int kCloseOnExec = SOCK_CLOEXEC;
#else
constexpr int kCloseOnExec = 0;
#endif

// A FIFO without another end must not hold up all starts: it is opened as if non-blocking, which
// succeeds for reading and fails for writing with ENXIO.
int OpenFile(const char* path, int flags, int mode) {
  const int descriptor = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);
  if (descriptor < 0) return -errno;
  if ((flags & O_NONBLOCK) == 0) {
    const int now = fcntl(descriptor, F_GETFL);
    if (now >= 0) fcntl(descriptor, F_SETFL, now & ~O_NONBLOCK);
  }
  return descriptor;
}

SpawnStep StepOf(SpawnStdio::Kind kind) {
  switch (kind) {
    case SpawnStdio::kNull:
    case SpawnStdio::kFile:
      return SpawnStep::kOpen;
    case SpawnStdio::kReads:
    case SpawnStdio::kWrites:
    case SpawnStdio::kBoth:
      return SpawnStep::kPipe;
    default:
      return SpawnStep::kDescriptors;
  }
}

}  // namespace

SpawnDescriptors::~SpawnDescriptors() {
  for (const auto& [descriptor, mode] : changed_) fcntl(descriptor, F_SETFL, mode);
  for (SpawnStdio& stdio : plan_->stdio) stdio.source.Reset();
}

bool SpawnDescriptors::Open(SpawnResult* result) {
  for (SpawnStdio& stdio : plan_->stdio) {
    const int source = OpenOne(&stdio, result);
    if (source < 0) {
      result->error = source;
      result->step = StepOf(stdio.kind);
      result->target = stdio.target;
      return false;
    }
    const bool blocks = stdio.kind == SpawnStdio::kInherit && stdio.target <= STDERR_FILENO;
    list_.push_back(ChildDescriptor{stdio.target, source, blocks});
  }
  std::sort(list_.begin(), list_.end(),
            [](const ChildDescriptor& a, const ChildDescriptor& b) { return a.target < b.target; });
  return true;
}

int SpawnDescriptors::OpenOne(SpawnStdio* stdio, SpawnResult* result) {
  switch (stdio->kind) {
    case SpawnStdio::kInherit:
      return stdio->value;
    case SpawnStdio::kBlocking: {
      const int error = MakeBlocking(stdio->source.get());
      if (error != 0) return error;
      break;
    }
    case SpawnStdio::kNull:
    case SpawnStdio::kFile: {
      const int descriptor = stdio->kind == SpawnStdio::kNull
                                 ? OpenFile("/dev/null", O_RDWR, 0)
                                 : OpenFile(stdio->path.c_str(), stdio->value, stdio->mode);
      if (descriptor < 0) return descriptor;
      stdio->source.Reset(descriptor);
      break;
    }
    case SpawnStdio::kReads:
    case SpawnStdio::kWrites:
    case SpawnStdio::kBoth: {
      const int error = Connect(stdio, result);
      if (error != 0) return error;
      break;
    }
    case SpawnStdio::kSame:
      for (const ChildDescriptor& other : list_) {
        if (other.target == stdio->value) return other.source;
      }
      return UV_EINVAL;
    default:
      break;
  }
  return stdio->source.get() < 0 ? UV_EBADF : stdio->source.get();
}

int SpawnDescriptors::Connect(SpawnStdio* stdio, SpawnResult* result) {
  int ends[2];
  if (stdio->kind == SpawnStdio::kBoth) {
    if (socketpair(AF_UNIX, SOCK_STREAM | kCloseOnExec, 0, ends) != 0) return -errno;
    for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  } else {
    const int error = MakePipe(ends);
    if (error != 0) return error;
  }
  const bool child_reads = stdio->kind == SpawnStdio::kReads;
  stdio->source.Reset(ends[child_reads ? 0 : 1]);
  SpawnPipe pipe{stdio->target, UniqueDescriptor(ends[child_reads ? 1 : 0]), UniqueDescriptor()};
  if (child_reads) {
    int duplicate;
    const int error = CopyDescriptor(pipe.end.get(), &duplicate);
    if (error != 0) return error;
    pipe.hangup.Reset(duplicate);
  }
  result->pipes.push_back(std::move(pipe));
  return 0;
}

int SpawnDescriptors::MakeBlocking(int descriptor) {
  const int mode = fcntl(descriptor, F_GETFL);
  if (mode < 0) return -errno;
  if ((mode & O_NONBLOCK) == 0) return 0;
  if (fcntl(descriptor, F_SETFL, mode & ~O_NONBLOCK) != 0) return -errno;
  changed_.emplace_back(descriptor, mode);
  return 0;
}

}  // namespace uvio

#endif  // !_WIN32
