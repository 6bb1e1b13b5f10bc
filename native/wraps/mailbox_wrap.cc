// The JavaScript class MailboxWrap; see mailbox_wrap.h.
#include "wraps/mailbox_wrap.h"

#include <cmath>
#include <utility>

#include "bridge/value.h"

namespace uvio {

namespace {

// Kinds of events; mailbox_contract.ts has the same list.
enum Event : int32_t { kCallsCame = 16, kNoticesCame };

// A clock can add this to now; who wants to wait longer asks again.
constexpr double kLongestWait = 3.6e6;  // ms

// Texts that are not longer are read in one call.
constexpr size_t kShortText = 256;

bool ReadText(napi_env env, napi_value value, std::string* text) {
  char buffer[kShortText];
  size_t size = 0;
  if (napi_get_value_string_utf8(env, value, buffer, kShortText, &size) != napi_ok) return false;
  // What was cut short ends within the last character's length of the end.
  if (size + 4 >= kShortText) return ReadString(env, value, text);
  text->assign(buffer, size);
  return true;
}

}  // namespace

void MailboxWrap::Register(Napi::Env env, Napi::Object exports) {
  const auto method = [](const char* name, napi_callback callback) {
    return Napi::ClassPropertyDescriptor<MailboxWrap>(napi_property_descriptor{
        name, nullptr, callback, nullptr, nullptr, nullptr, napi_default_method, nullptr});
  };
  exports.Set("MailboxWrap",
              DefineClass(env, "MailboxWrap",
                          {InstanceMethod<&MailboxWrap::Attach>("attach"),
                           InstanceMethod<&MailboxWrap::Wait>("wait"),
                           InstanceMethod<&MailboxWrap::SetReferenced>("setReferenced"),
                           InstanceMethod<&MailboxWrap::Close>("close"), method("post", Post),
                           method("nextCall", NextCall), method("endCall", EndCall),
                           method("nextNotice", NextNotice)}));
}

MailboxWrap::MailboxWrap(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<MailboxWrap>(info), HandleWrap(info) {
  if (!valid()) return;
  uv_buf_t bytes;
  if (!ReadBytes(info.Env(), info[2], &bytes) || bytes.len < kEnvelopeSize * sizeof(double) ||
      reinterpret_cast<uintptr_t>(bytes.base) % sizeof(double) != 0 ||
      napi_create_reference(info.Env(), info[2], 1, &envelope_reference_) != napi_ok) {
    HandleWrap::Attach(UV_EINVAL, nullptr);
    return;
  }
  envelope_ = reinterpret_cast<double*>(bytes.base);
  Inbox* created = nullptr;
  const int error = Inbox::Create(dispatch()->loop(), this, &created);
  if (error == 0) {
    info.This().As<Napi::Object>().Set("address", created->mailbox()->address());
  }
  HandleWrap::Attach(error, created);
  if (error == 0) Started(error);
}

MailboxWrap::~MailboxWrap() {
  if (envelope_reference_ != nullptr) napi_delete_reference(Env(), envelope_reference_);
}

Napi::Value MailboxWrap::Attach(const Napi::CallbackInfo& info) {
  int32_t address = 0;
  int code = UV_EBADF;
  if (mailbox() != nullptr) {
    if (!ReadInteger(info.Env(), info[0], &address)) {
      code = UV_EINVAL;
    } else {
      code = mailbox()->Attach(address) ? 0 : UV_ESRCH;
    }
  }
  return Napi::Number::New(info.Env(), code);
}

napi_value MailboxWrap::Post(napi_env env, napi_callback_info info) {
  Arguments<MailboxWrap, 4> arguments(env, info);
  MailboxWrap* self = arguments.self();
  if (self == nullptr || self->mailbox() == nullptr) return MakeInteger(env, UV_EBADF);
  int32_t address = 0;
  int32_t kind = 0;
  auto letter = std::make_unique<Letter>();
  if (!ReadInteger(env, arguments[0], &address) || !ReadInteger(env, arguments[1], &kind) ||
      kind < 0 || kind >= Letter::kKindCount ||
      napi_get_value_int64(env, arguments[2], &letter->call) != napi_ok ||
      !ReadText(env, arguments[3], &letter->text)) {
    return MakeInteger(env, UV_EINVAL);
  }
  letter->kind = static_cast<Letter::Kind>(kind);
  return MakeInteger(env, self->mailbox()->Post(address, std::move(letter)) ? 0 : UV_ESRCH);
}

napi_value MailboxWrap::Read(napi_env env, const Letter* letter) {
  if (letter == nullptr) return nullptr;
  envelope_[kFrom] = letter->from;
  envelope_[kKind] = letter->kind;
  envelope_[kCall] = static_cast<double>(letter->call);
  return MakeString(env, letter->text);
}

napi_value MailboxWrap::NextCall(napi_env env, napi_callback_info info) {
  MailboxWrap* self = Arguments<MailboxWrap, 0>(env, info).self();
  if (self == nullptr || self->mailbox() == nullptr) return nullptr;
  return self->Read(env, self->mailbox()->NextCall());
}

napi_value MailboxWrap::EndCall(napi_env env, napi_callback_info info) {
  MailboxWrap* self = Arguments<MailboxWrap, 0>(env, info).self();
  if (self != nullptr && self->mailbox() != nullptr) self->mailbox()->EndCall();
  return nullptr;
}

napi_value MailboxWrap::NextNotice(napi_env env, napi_callback_info info) {
  MailboxWrap* self = Arguments<MailboxWrap, 0>(env, info).self();
  if (self == nullptr || self->mailbox() == nullptr) return nullptr;
  return self->Read(env, self->mailbox()->NextNotice().get());
}

Napi::Value MailboxWrap::Wait(const Napi::CallbackInfo& info) {
  double milliseconds = 0;
  if (mailbox() == nullptr) return Napi::Number::New(info.Env(), UV_EBADF);
  if (napi_get_value_double(info.Env(), info[0], &milliseconds) != napi_ok ||
      !(milliseconds >= 0)) {
    return Napi::Number::New(info.Env(), UV_EINVAL);
  }
  milliseconds = std::fmin(milliseconds, kLongestWait);
  if (milliseconds > 0) mailbox()->Wait(std::chrono::duration<double, std::milli>(milliseconds));
  return Napi::Number::New(info.Env(), static_cast<double>(mailbox()->Take()));
}

Napi::Value MailboxWrap::SetReferenced(const Napi::CallbackInfo& info) {
  bool referenced = false;
  int code = UV_EBADF;
  if (open() != nullptr) {
    code = ReadBoolean(info.Env(), info[0], &referenced) ? 0 : UV_EINVAL;
    if (code == 0) open()->SetReferenced(referenced);
    Started(code);
  }
  return Napi::Number::New(info.Env(), code);
}

void MailboxWrap::OnMail() {
  const auto calls = static_cast<int32_t>(mailbox()->Take());
  Report(mailbox()->HasNotices() ? kNoticesCame : kCallsCame, calls);
}

}  // namespace uvio
