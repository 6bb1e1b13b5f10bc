// A running child; see child.h.
#include "uv/child.h"

#ifndef _WIN32
#include <csignal>

#include "uv/orphanage.h"
#endif

namespace uvio {

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see poll_
Child::Child(bool leave_running, ChildListener* listener)
    : Handle(reinterpret_cast<uv_handle_t*>(&poll_), listener),
      leave_running_(leave_running),
      listener_(listener) {}

#ifndef _WIN32

namespace {

ChildStatus StatusOf(const siginfo_t& info, const rusage& usage) {
  constexpr uint64_t kMicroseconds = 1000000;
  // What `ru_maxrss` counts.
#ifdef __APPLE__
  constexpr uint64_t kUnit = 1;
#else
  constexpr uint64_t kUnit = 1024;
#endif
  const auto microseconds = [](const timeval& time) {
    return static_cast<uint64_t>(time.tv_sec) * kMicroseconds + static_cast<uint64_t>(time.tv_usec);
  };
  ChildStatus status;
  status.code = info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
  status.core_dumped = info.si_code == CLD_DUMPED;
  status.user_time = microseconds(usage.ru_utime);
  status.system_time = microseconds(usage.ru_stime);
  status.max_rss = static_cast<uint64_t>(usage.ru_maxrss) * kUnit;
  return status;
}

}  // namespace

int Child::Create(Loop* loop, ChildWatch* watch, bool leave_running, ChildListener* listener,
                  Child** child) {
  auto* created = new Child(leave_running, listener);
  int error = uv_poll_init(loop->raw(), &created->poll_, watch->descriptor());
  if (error != 0) {
    delete created;
    return error;
  }
  created->watch_ = std::move(*watch);
  error = uv_poll_start(&created->poll_, UV_READABLE, [](uv_poll_t* raw, int, int) {
    static_cast<Child*>(From(reinterpret_cast<uv_handle_t*>(raw)))->OnReadable();
  });
  if (error != 0) {
    created->Abandon();
    return error;
  }
  *child = created;
  return 0;
}

int Child::Kill(int signal) const { return exited_ ? UV_ESRCH : watch_.Signal(signal); }

void Child::OnReadable() {
  siginfo_t info{};
  rusage usage{};
  const int error = watch_.Reap(&info, &usage, WNOHANG);
  if (error == 0 && info.si_pid == 0) return;
  exited_ = true;
  uv_poll_stop(&poll_);
  if (listener_ != nullptr) listener_->OnExited(error, StatusOf(info, usage));
}

void Child::OnClosing() {
  uv_poll_stop(&poll_);
  if (exited_) return;
  if (!leave_running_) watch_.Signal(SIGKILL);
  Orphanage::Take(std::move(watch_));
}

#else

int Child::Create(Loop*, ChildWatch*, bool, ChildListener*, Child**) { return UV_ENOTSUP; }
int Child::Kill(int) const { return UV_ESRCH; }
void Child::OnReadable() {}
void Child::OnClosing() {}

#endif

}  // namespace uvio
