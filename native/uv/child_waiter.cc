// A thread that waits for one child; see child_waiter.h.
#include "uv/child_waiter.h"

#ifdef __linux__

#include <fcntl.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <utility>

#include "uv/background.h"
#include "uv/pidfd.h"

namespace uvio {

struct ChildWaiter::Job {
  Job() { sem_init(&is_given, 0, 0); }
  ~Job() { sem_destroy(&is_given); }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  sem_t is_given{};
  // 0: there is no child.
  int pid = 0;
  // The thread's own, since the other one may be closed before the child has exited.
  UniqueDescriptor exit;
};

int ChildWaiter::Begin() {
  exit_.Reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (exit_.get() < 0) return -errno;
  auto job = std::make_unique<Job>();
  job->exit.Reset(fcntl(exit_.get(), F_DUPFD_CLOEXEC, 0));
  if (job->exit.get() < 0) return -errno;
  const int error = StartBackground("uvio-wait", &ChildWaiter::Run, job.get(), kSmallStack);
  if (error == 0) job_ = job.release();
  return error;
}

ChildWaiter::~ChildWaiter() {
  if (job_ != nullptr) sem_post(&job_->is_given);
}

ChildWatch ChildWaiter::Watch(int pid) {
  Job* job = std::exchange(job_, nullptr);
  job->pid = pid;
  sem_post(&job->is_given);
  return {pid, std::move(exit_)};
}

void ChildWaiter::Run(void* raw) {
  const std::unique_ptr<Job> job(static_cast<Job*>(raw));
  while (sem_wait(&job->is_given) != 0) {
  }
  if (job->pid == 0) return;
  siginfo_t info;
  // An error means that somebody else has reaped it; that is for the owner to find out.
  WaitForExit(P_PID, job->pid, &info, nullptr, WNOWAIT);
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(job->exit.get(), &one, sizeof(one));
}

}  // namespace uvio

#endif  // __linux__
