// The JavaScript class PipeWrap: one unix socket, or one end of a pipe, a FIFO or a terminal.
//
// Adds to StreamWrap what only these have: names in the file system, and ends that go one way.
// Methods return 0 or a negative libuv code.
#ifndef UVIO_WRAPS_PIPE_WRAP_H_
#define UVIO_WRAPS_PIPE_WRAP_H_

#include <napi.h>

#include <string>

#include "uv/pipe.h"
#include "wraps/stream_wrap.h"

namespace uvio {

class PipeWrap final : public Napi::ObjectWrap<PipeWrap>, public StreamWrap {
 public:
  static const napi_type_tag kTag;

  static void Register(Napi::Env env, Napi::Object exports);

  // The PipeWrap behind a value; null for anything else.
  static PipeWrap* From(Napi::Value value);

  // As Pipe::OpenEnd(); UV_EBADF once closed.
  int OpenEnd(UniqueDescriptor descriptor, UniqueDescriptor duplicate);

  // (loop, owner): throws with libuv's code when no handle can be made.
  explicit PipeWrap(const Napi::CallbackInfo& info);

 private:
  friend class StreamWrap;

  // (name: bytes)
  Napi::Value Bind(const Napi::CallbackInfo& info);
  Napi::Value Connect(const Napi::CallbackInfo& info);
  // (descriptor, writes)
  Napi::Value AdoptEnd(const Napi::CallbackInfo& info);
  Napi::Value WatchHangup(const Napi::CallbackInfo& info);
  // The name as a string, or a code.
  Napi::Value GetSocketName(const Napi::CallbackInfo& info);
  Napi::Value GetPeerName(const Napi::CallbackInfo& info);

  Pipe* pipe() const;
  Napi::Value Name(const Napi::CallbackInfo& info, int (Pipe::*get)(std::string*) const) const;
};

}  // namespace uvio

#endif  // UVIO_WRAPS_PIPE_WRAP_H_
