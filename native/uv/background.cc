// Threads that serve the whole process; see background.h.
#include "uv/background.h"

#ifdef __linux__

#include <dlfcn.h>
#include <pthread.h>

#include <csignal>

namespace uvio {

namespace {

struct Job {
  void (*body)(void* argument);
  void* argument;
};

void* RunJob(void* raw) {
  auto* job = static_cast<Job*>(raw);
  const Job copy = *job;
  delete job;
  copy.body(copy.argument);
  return nullptr;
}

void StayLoaded() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&RunJob), &info) != 0) {
    dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  }
}

}  // namespace

int StartBackground(const char* name, void (*body)(void* argument), void* argument) {
  StayLoaded();
  auto* job = new Job{body, argument};
  // A thread begins with the signal mask of the one that makes it.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const int error = pthread_create(&thread, nullptr, RunJob, job);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0) {
    delete job;
    return -error;
  }
  pthread_setname_np(thread, name);
  pthread_detach(thread);
  return 0;
}

}  // namespace uvio

#endif  // __linux__
