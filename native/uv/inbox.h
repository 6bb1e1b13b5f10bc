// The mailbox of a loop: letters of other threads ring a uv_async_t, which wakes the loop.
//
// It does not keep its loop alive unless it is asked to. Closing the handle closes the mailbox, so
// a loop that ends, in whatever way, answers those who have written to it.
#ifndef UVIO_UV_INBOX_H_
#define UVIO_UV_INBOX_H_

#include <uv.h>

#include <memory>

#include "base/mailbox.h"
#include "uv/handle.h"
#include "uv/loop.h"

namespace uvio {

class InboxListener : public HandleListener {
 public:
  // There is mail, perhaps.
  virtual void OnMail() = 0;

 protected:
  ~InboxListener() = default;
};

class Inbox final : public Handle, private Bell {
 public:
  static int Create(Loop* loop, InboxListener* listener, Inbox** inbox);

  Mailbox* mailbox() { return mailbox_.get(); }

 private:
  explicit Inbox(InboxListener* listener);
  ~Inbox() override = default;

  void Ring() override { uv_async_send(&async_); }
  void OnClosing() override { mailbox_->Close(); }
  void DropListener() override { listener_ = nullptr; }

  // Not initialized here: Handle's constructor has set its data already.
  uv_async_t async_;
  InboxListener* listener_;
  std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace uvio

#endif  // UVIO_UV_INBOX_H_
