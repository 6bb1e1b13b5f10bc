// Notices that nobody reads any more; see hangup.h.
#include "uv/hangup.h"

#include <utility>

namespace uvio {

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see poll_
Hangup::Hangup(UniqueDescriptor duplicate, HangupListener* listener)
    : Handle(reinterpret_cast<uv_handle_t*>(&poll_), nullptr),
      duplicate_(std::move(duplicate)),
      listener_(listener) {}

int Hangup::Create(uv_loop_t* loop, UniqueDescriptor duplicate, HangupListener* listener,
                   Hangup** hangup) {
  auto* created = new Hangup(std::move(duplicate), listener);
  const int error = uv_poll_init(loop, &created->poll_, created->duplicate_.get());
  if (error != 0) {
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
  duplicate_.Reset();
}

}  // namespace uvio
