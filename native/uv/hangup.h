// Notices that nobody reads any more at the other end of a pipe or socket that is only written to.
//
// Without it the writer would learn of that with its next write, if there is one. The watch has a
// duplicate of the descriptor, since libuv lets one handle watch a descriptor, and it does not keep
// the loop alive: a pipe that nothing is written to is no work.
#ifndef UVIO_UV_HANGUP_H_
#define UVIO_UV_HANGUP_H_

#include <uv.h>

#include "uv/handle.h"
#include "uv/unique_descriptor.h"

namespace uvio {

class HangupListener {
 public:
  // Once; the watch has stopped.
  virtual void OnHangup() = 0;

 protected:
  ~HangupListener() = default;
};

class Hangup final : public Handle {
 public:
  static int Create(uv_loop_t* loop, UniqueDescriptor duplicate, HangupListener* listener,
                    Hangup** hangup);

  int Start();

 private:
  Hangup(UniqueDescriptor duplicate, HangupListener* listener);
  ~Hangup() override = default;

  void OnEvent();
  void OnClosing() override;
  void DropListener() override { listener_ = nullptr; }

  // Not initialized here: Handle's constructor has set its data already.
  uv_poll_t poll_;
  UniqueDescriptor duplicate_;
  HangupListener* listener_;
};

}  // namespace uvio

#endif  // UVIO_UV_HANGUP_H_
