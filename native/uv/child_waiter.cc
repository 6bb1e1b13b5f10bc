// A thread that waits for one child; see child_waiter.h.
#include "uv/child_waiter.h"

#ifndef _WIN32

#include <unistd.h>
#include <uv.h>
#ifdef __APPLE__
#include <sys/event.h>
#endif

#include <memory>
#include <utility>

#include "base/check.h"
#include "uv/background.h"
#include "uv/descriptor.h"

namespace uvio {

struct ChildWaiter::Job {
  Job() { UVIO_CHECK(uv_sem_init(&is_given, 0) == 0); }
  ~Job() { uv_sem_destroy(&is_given); }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  uv_sem_t is_given{};
  // 0: there is no child.
  int pid = 0;
  // The thread's end of a pipe, whose other one may be closed before the child has exited.
  UniqueDescriptor exit;
#ifdef __APPLE__
  UniqueDescriptor events;
#endif
};

#ifdef __APPLE__
namespace {

// Returns when the child exits or has exited. waitid() would return when it is stopped, too.
void WaitForEvent(int queue, int pid) {
  struct kevent event {};
  EV_SET(&event, static_cast<uintptr_t>(pid), EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT, 0,
         nullptr);
  int count = kevent(queue, &event, 1, nullptr, 0, nullptr);
  // ESRCH: it has exited already.
  if (count != 0) return;
  do {
    count = kevent(queue, nullptr, 0, &event, 1, nullptr);
  } while (count < 0 && errno == EINTR);
}

}  // namespace
#endif

int ChildWaiter::Begin() {
  int ends[2];
  int error = MakePipe(ends);
  if (error != 0) return error;
  exit_.Reset(ends[0]);
  auto job = std::make_unique<Job>();
  job->exit.Reset(ends[1]);
#ifdef __APPLE__
  job->events.Reset(kqueue());
  if (job->events.get() < 0) return -errno;
#endif
  error = StartBackground("uvio-wait", &ChildWaiter::Run, job.get(), kSmallStack);
  if (error == 0) job_ = job.release();
  return error;
}

ChildWaiter::~ChildWaiter() {
  if (job_ != nullptr) uv_sem_post(&job_->is_given);
}

ChildWatch ChildWaiter::Watch(int pid) {
  Job* job = std::exchange(job_, nullptr);
  job->pid = pid;
  uv_sem_post(&job->is_given);
  return {pid, std::move(exit_)};
}

void ChildWaiter::Run(void* raw) {
  const std::unique_ptr<Job> job(static_cast<Job*>(raw));
  uv_sem_wait(&job->is_given);
  if (job->pid == 0) return;
#ifdef __APPLE__
  WaitForEvent(job->events.get(), job->pid);
#endif
  siginfo_t info;
  // An error means that somebody else has reaped it; that is for the owner to find out.
  WaitForExit(P_PID, job->pid, &info, nullptr, WNOWAIT);
  // Not by closing it: another process may have got a copy, where there is no pipe2().
  [[maybe_unused]] const ssize_t written = write(job->exit.get(), "", 1);
}

}  // namespace uvio

#endif  // !_WIN32
