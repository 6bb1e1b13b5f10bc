// The life of one libuv handle; see handle.h.
#include "uv/handle.h"

namespace uvio {

Handle::Handle(uv_handle_t* raw, HandleListener* listener) : raw_(raw), listener_(listener) {
  raw_->data = this;
}

void Handle::Close() {
  if (closing()) return;
  if (held_) {
    close_wanted_ = true;
    return;
  }
  OnClosing();
  uv_close(raw_, [](uv_handle_t* raw) {
    Handle* self = From(raw);
    if (self->listener_ != nullptr) self->listener_->OnClosed();
    delete self;
  });
}

void Handle::Release() {
  held_ = false;
  if (!close_wanted_) return;
  close_wanted_ = false;
  Close();
}

void Handle::Abandon() {
  listener_ = nullptr;
  DropListener();
  Close();
}

}  // namespace uvio
