// One signal watched by one loop; see signal.h.
#include "uv/signal.h"

namespace uvio {

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see signal_
Signal::Signal(SignalListener* listener)
    : Handle(reinterpret_cast<uv_handle_t*>(&signal_), listener), listener_(listener) {}

int Signal::Create(Loop* loop, SignalListener* listener, Signal** signal) {
  auto* created = new Signal(listener);
  const int error = uv_signal_init(loop->raw(), &created->signal_);
  if (error != 0) {
    delete created;
    return error;
  }
  uv_unref(reinterpret_cast<uv_handle_t*>(&created->signal_));
  *signal = created;
  return 0;
}

int Signal::Start(int number) {
  return uv_signal_start(
      &signal_,
      [](uv_signal_t* raw, int caught) {
        auto* self = static_cast<Signal*>(From(reinterpret_cast<uv_handle_t*>(raw)));
        if (self->listener_ != nullptr && !self->closing()) self->listener_->OnSignal(caught);
      },
      number);
}

}  // namespace uvio
