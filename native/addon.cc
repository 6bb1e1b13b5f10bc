// Module init: checks the host and registers the wraps, nothing else.
#include <napi.h>

#include "bridge/environment.h"
#include "wraps/bare_socket_wrap.h"
#include "wraps/constants.h"
#include "wraps/file_send_wrap.h"
#include "wraps/loop_wrap.h"
#include "wraps/mailbox_wrap.h"
#include "wraps/pipe_wrap.h"
#include "wraps/poll_wrap.h"
#include "wraps/process_wrap.h"
#include "wraps/resolver_wrap.h"
#include "wraps/signal_wrap.h"
#include "wraps/tcp_wrap.h"
#include "wraps/tls_wrap.h"
#include "wraps/udp_wrap.h"

namespace {

Napi::Value OpenLoops(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), uvio::Environment::Of(info.Env())->open_loops);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  if (!uvio::Environment::Install(env)) return exports;
  uvio::LoopWrap::Register(env, exports);
  uvio::StreamWrap::Register(env, exports);
  uvio::TcpWrap::Register(env, exports);
  uvio::PipeWrap::Register(env, exports);
  uvio::LookupWrap::Register(env, exports);
  uvio::PollWrap::Register(env, exports);
  uvio::SignalWrap::Register(env, exports);
  uvio::UdpWrap::Register(env, exports);
  uvio::TlsWrap::Register(env, exports);
  uvio::BareSocketWrap::Register(env, exports);
  uvio::FileSendWrap::Register(env, exports);
  uvio::RegisterConstants(env, exports);
  uvio::ProcessWrap::Register(env, exports);
  uvio::MailboxWrap::Register(env, exports);
  exports.Set("openLoops", Napi::Function::New(env, OpenLoops, "openLoops"));
  return exports;
}

}  // namespace

NODE_API_MODULE(uvio, Init)
