// The JavaScript class PollWrap: one watched descriptor.
//
// Methods return 0 or a negative libuv code. Its only event carries what is ready, or a code.
#ifndef UVIO_WRAPS_POLL_WRAP_H_
#define UVIO_WRAPS_POLL_WRAP_H_

#include <napi.h>

#include "uv/poll.h"
#include "wraps/handle_wrap.h"

namespace uvio {

class PollWrap final : public Napi::ObjectWrap<PollWrap>, private HandleWrap, private PollListener {
 public:
  static void Register(Napi::Env env, Napi::Object exports);

  // (loop, owner, descriptor): throws with libuv's code.
  explicit PollWrap(const Napi::CallbackInfo& info);

 private:
  // (events)
  Napi::Value Watch(const Napi::CallbackInfo& info);
  Napi::Value IsCurrent(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info) { return CloseHandle(info); }

  void OnReady(int events) override { Report(0, events); }
  void OnClosed() override { HandleClosed(); }

  Poll* poll() const { return static_cast<Poll*>(open()); }
};

}  // namespace uvio

#endif  // UVIO_WRAPS_POLL_WRAP_H_
