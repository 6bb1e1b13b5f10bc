// The JavaScript class MailboxWrap: the mailbox by which other threads reach a loop, and it them.
//
// Methods return 0 or a positive number, or a negative libuv code. Its events say how many
// calls have come, and whether notices have. What a letter says besides its text is left in an
// array that both sides share, so that reading one makes nothing but a string.
#ifndef UVIO_WRAPS_MAILBOX_WRAP_H_
#define UVIO_WRAPS_MAILBOX_WRAP_H_

#include <napi.h>

#include "uv/inbox.h"
#include "wraps/handle_wrap.h"

namespace uvio {

class MailboxWrap final : public Napi::ObjectWrap<MailboxWrap>,
                          private HandleWrap,
                          private InboxListener {
 public:
  static void Register(Napi::Env env, Napi::Object exports);

  // (loop, owner, envelope): throws with libuv's code.
  explicit MailboxWrap(const Napi::CallbackInfo& info);
  ~MailboxWrap() override;

 private:
  // Slots of the envelope; mailbox_contract.ts has the same list.
  enum Slot : size_t { kFrom, kKind, kCall, kEnvelopeSize };

  // (address)
  Napi::Value Attach(const Napi::CallbackInfo& info);
  // (address, kind, call, text)
  static napi_value Post(napi_env env, napi_callback_info info);
  static napi_value NextCall(napi_env env, napi_callback_info info);
  static napi_value EndCall(napi_env env, napi_callback_info info);
  static napi_value NextNotice(napi_env env, napi_callback_info info);
  // (milliseconds)
  Napi::Value Wait(const Napi::CallbackInfo& info);
  // (referenced)
  Napi::Value SetReferenced(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info) { return CloseHandle(info); }

  Mailbox* mailbox() {
    return open() == nullptr ? nullptr : static_cast<Inbox*>(open())->mailbox();
  }
  napi_value Read(napi_env env, const Letter* letter);

  void OnMail() override;
  void OnClosed() override { HandleClosed(); }

  double* envelope_ = nullptr;
  napi_ref envelope_reference_ = nullptr;
};

}  // namespace uvio

#endif  // UVIO_WRAPS_MAILBOX_WRAP_H_
