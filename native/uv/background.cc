// Threads that serve the whole process; see background.h.
#include "uv/background.h"

#ifndef _WIN32

#include <dlfcn.h>
#include <pthread.h>

#include <csignal>

namespace uvio {

namespace {

struct Job {
  const char* name;
  void (*body)(void* argument);
  void* argument;
};

void* RunJob(void* raw) {
  auto* job = static_cast<Job*>(raw);
  const Job copy = *job;
  delete job;
  // Its own: one that ends may have done so before another could name it.
#ifdef __APPLE__
  pthread_setname_np(copy.name);
#else
  pthread_setname_np(pthread_self(), copy.name);
#endif
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

int StartBackground(const char* name, void (*body)(void* argument), void* argument,
                    size_t stack_size) {
  StayLoaded();
  auto* job = new Job{name, body, argument};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  if (stack_size != 0) pthread_attr_setstacksize(&attributes, stack_size);
  // A thread begins with the signal mask of the one that makes it.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, RunJob, job);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (error != 0) {
    delete job;
    return -error;
  }
  return 0;
}

}  // namespace uvio

#endif  // !_WIN32
