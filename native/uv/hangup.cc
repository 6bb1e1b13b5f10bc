// Notices that nobody reads any more; see hangup.h.
#include "uv/hangup.h"

#include "uv/descriptor.h"

namespace uvio {

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see poll_
Hangup::Hangup(int descriptor, HangupListener* listener)
    : Handle(reinterpret_cast<uv_handle_t*>(&poll_), nullptr),
      descriptor_(descriptor),
      listener_(listener) {}

int Hangup::Create(uv_loop_t* loop, int descriptor, HangupListener* listener, Hangup** hangup) {
  int duplicate;
  int error = DuplicateDescriptor(descriptor, &duplicate);
  if (error != 0) return error;
  auto* created = new Hangup(duplicate, listener);
  error = uv_poll_init(loop, &created->poll_, duplicate);
  if (error != 0) {
    CloseDescriptor(duplicate);
    delete created;
    return error;
  }
  uv_unref(reinterpret_cast<uv_handle_t*>(&created->poll_));
  *hangup = created;
  return 0;
}

int Hangup::Start() {
  // epoll tells of a pipe without readers whatever it is asked for; kqueue only with readability,
  // which the writing end of a pipe never has otherwise.
#ifdef __linux__
  constexpr int kEvents = UV_DISCONNECT;
#else
  constexpr int kEvents = UV_DISCONNECT | UV_READABLE;
#endif
  return uv_poll_start(&poll_, kEvents, [](uv_poll_t* raw, int, int) {
    static_cast<Hangup*>(From(reinterpret_cast<uv_handle_t*>(raw)))->OnEvent();
  });
}

void Hangup::OnEvent() {
  uv_poll_stop(&poll_);
  if (listener_ != nullptr) listener_->OnHangup();
}

void Hangup::OnClosing() {
  // At once, so that the other end sees that this one is gone.
  uv_poll_stop(&poll_);
  CloseDescriptor(descriptor_);
}

}  // namespace uvio
