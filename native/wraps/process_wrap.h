// The JavaScript class ProcessWrap: one program, from its start to its exit.
//
// First it listens to the spawn threads, then to the running child; the uv handle behind it is that
// of the child. It holds its owner until the start has failed, the child has exited and been
// closed, or the loop is gone. Methods return 0 or a negative libuv code.
#ifndef UVIO_WRAPS_PROCESS_WRAP_H_
#define UVIO_WRAPS_PROCESS_WRAP_H_

#include <napi.h>

#include "uv/child.h"
#include "uv/spawn_port.h"
#include "wraps/handle_wrap.h"

namespace uvio {

class ProcessWrap final : public Napi::ObjectWrap<ProcessWrap>,
                          private HandleWrap,
                          private SpawnListener,
                          private ChildListener {
 public:
  // Registers makePipe() and signalProcess(), too.
  static void Register(Napi::Env env, Napi::Object exports);

  // (loop, owner): throws with libuv's code.
  explicit ProcessWrap(const Napi::CallbackInfo& info);
  ~ProcessWrap() override;

 private:
  // Kinds of events; process_contract.ts has the same list.
  enum Event : int32_t { kStarted, kFailed, kExited };

  // (plan)
  Napi::Value Start(const Napi::CallbackInfo& info);
  Napi::Value FailedStep(const Napi::CallbackInfo& info);
  Napi::Value FailedDescriptor(const Napi::CallbackInfo& info);
  Napi::Value Withdraw(const Napi::CallbackInfo& info);
  // (descriptor, pipe)
  Napi::Value OpenPipe(const Napi::CallbackInfo& info);
  // (signal)
  Napi::Value Kill(const Napi::CallbackInfo& info);
  Napi::Value CoreDumped(const Napi::CallbackInfo& info);
  Napi::Value Usage(const Napi::CallbackInfo& info);
  Napi::Value Abandon(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  void OnSpawned(SpawnResult* result) override;
  void OnSpawnDropped() override;
  void OnExited(int error, const ChildStatus& status) override;
  void OnClosed() override { HandleClosed(); }

  Child* child() const { return static_cast<Child*>(open()); }

  // Until the start: a loop that is closed then takes no handle of ours with it.
  Napi::ObjectReference loop_;
  SpawnPort* port_ = nullptr;
  // While the start is outstanding.
  SpawnRequest* request_ = nullptr;
  bool leave_running_ = false;
  SpawnResult result_;
  ChildStatus status_;
};

}  // namespace uvio

#endif  // UVIO_WRAPS_PROCESS_WRAP_H_
