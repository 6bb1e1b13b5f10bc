// The mailbox of a loop; see inbox.h.
#include "uv/inbox.h"

namespace uvio {

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see async_
Inbox::Inbox(InboxListener* listener)
    : Handle(reinterpret_cast<uv_handle_t*>(&async_), listener), listener_(listener) {}

int Inbox::Create(Loop* loop, InboxListener* listener, Inbox** inbox) {
  auto* created = new Inbox(listener);
  const int error = uv_async_init(loop->raw(), &created->async_, [](uv_async_t* raw) {
    auto* self = static_cast<Inbox*>(From(reinterpret_cast<uv_handle_t*>(raw)));
    if (self->listener_ != nullptr && !self->closing()) self->listener_->OnMail();
  });
  if (error != 0) {
    delete created;
    return error;
  }
  created->SetReferenced(false);
  created->mailbox_ = Mailbox::Open(created);
  *inbox = created;
  return 0;
}

}  // namespace uvio
