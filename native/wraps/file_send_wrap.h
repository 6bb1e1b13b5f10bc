// The JavaScript class FileSendWrap: one piece of a file on its way to a socket.
//
// Holds itself and its owner from its start until the owner has been told; the thread that sends
// may outlive both. One piece each.
#ifndef UVIO_WRAPS_FILE_SEND_WRAP_H_
#define UVIO_WRAPS_FILE_SEND_WRAP_H_

#include <napi.h>

#include "bridge/dispatch.h"
#include "uv/file_send.h"

namespace uvio {

class FileSendWrap final : public Napi::ObjectWrap<FileSendWrap>, private FileSendListener {
 public:
  // Registers setFilePosition(descriptor, position), too.
  static void Register(Napi::Env env, Napi::Object exports);

  // (loop, owner)
  explicit FileSendWrap(const Napi::CallbackInfo& info);
  ~FileSendWrap() override;

 private:
  // (target, file, offset, size)
  Napi::Value Start(const Napi::CallbackInfo& info);
  Napi::Value Stop(const Napi::CallbackInfo& info);

  void OnFileSent(ssize_t sent, bool blocked) override;

  // The loop's, while a piece is under way: until it has ended the loop cannot close entirely.
  Dispatch* dispatch_ = nullptr;
  Napi::ObjectReference loop_;
  Napi::ObjectReference owner_;
  FileSend* send_ = nullptr;
};

}  // namespace uvio

#endif  // UVIO_WRAPS_FILE_SEND_WRAP_H_
