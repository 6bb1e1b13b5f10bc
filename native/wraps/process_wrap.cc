// The JavaScript class ProcessWrap; see process_wrap.h.
#include "wraps/process_wrap.h"

#include <csignal>
#include <utility>

#include "bridge/value.h"
#include "uv/process_signal.h"
#include "wraps/loop_wrap.h"
#include "wraps/pipe_wrap.h"
#include "wraps/spawn_plan_reader.h"

namespace uvio {

namespace {

Napi::Value MakePipeEnds(const Napi::CallbackInfo& info) {
  int ends[2];
  const int error = MakePipe(ends);
  if (error != 0) return Napi::Number::New(info.Env(), error);
  Napi::Array pair = Napi::Array::New(info.Env(), 2);
  pair.Set(0u, ends[0]);
  pair.Set(1u, ends[1]);
  return pair;
}

// (pid, start time, signal)
Napi::Value SignalOther(const Napi::CallbackInfo& info) {
  int32_t pid = 0;
  int32_t signal = 0;
  double start_time = 0;
  const bool is_right = ReadInteger(info.Env(), info[0], &pid) && pid > 0 &&
                        napi_get_value_double(info.Env(), info[1], &start_time) == napi_ok &&
                        start_time > 0 && ReadInteger(info.Env(), info[2], &signal);
  const int code =
      is_right ? SignalProcess(pid, static_cast<uint64_t>(start_time), signal) : UV_EINVAL;
  return Napi::Number::New(info.Env(), code);
}

}  // namespace

void ProcessWrap::Register(Napi::Env env, Napi::Object exports) {
  exports.Set("ProcessWrap",
              DefineClass(env, "ProcessWrap",
                          {InstanceMethod<&ProcessWrap::Start>("start"),
                           InstanceMethod<&ProcessWrap::Withdraw>("withdraw"),
                           InstanceMethod<&ProcessWrap::FailedStep>("failedStep"),
                           InstanceMethod<&ProcessWrap::FailedDescriptor>("failedDescriptor"),
                           InstanceMethod<&ProcessWrap::OpenPipe>("openPipe"),
                           InstanceMethod<&ProcessWrap::Kill>("kill"),
                           InstanceMethod<&ProcessWrap::CoreDumped>("coreDumped"),
                           InstanceMethod<&ProcessWrap::Usage>("usage"),
                           InstanceMethod<&ProcessWrap::Abandon>("abandon"),
                           InstanceMethod<&ProcessWrap::Close>("close")}));
  exports.Set("makePipe", Napi::Function::New(env, MakePipeEnds, "makePipe"));
  exports.Set("signalProcess", Napi::Function::New(env, SignalOther, "signalProcess"));
}

ProcessWrap::ProcessWrap(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<ProcessWrap>(info), HandleWrap(info) {
  if (valid()) loop_ = Napi::Persistent(info[0].As<Napi::Object>());
}

ProcessWrap::~ProcessWrap() {
  if (request_ != nullptr) port_->Forget(request_);
}

Napi::Value ProcessWrap::Start(const Napi::CallbackInfo& info) {
  SpawnPlan plan;
  int error = UV_EBADF;
  if (valid() && !loop_.IsEmpty() && LoopWrap::DispatchOf(loop_.Value()) != nullptr) {
    error = ReadSpawnPlan(info.Env(), info[0], &plan);
    if (error == 0) error = SpawnPort::Of(dispatch()->loop(), &port_);
  }
  if (error == 0) {
    loop_.Reset();
    leave_running_ = plan.Has(SpawnPlan::kLeaveRunning);
    request_ = port_->Start(std::move(plan), this);
    Started(0);
  }
  return Napi::Number::New(info.Env(), error);
}

void ProcessWrap::OnSpawned(SpawnResult* result) {
  request_ = nullptr;
  result_ = std::move(*result);
  Child* child = nullptr;
  if (result_.error == 0) {
    result_.error = Child::Create(dispatch()->loop(), &result_.pidfd, leave_running_, this, &child);
    if (result_.error != 0) {
      result_.step = SpawnStep::kWatch;
      port_->Undo(&result_);
    }
  }
  if (result_.error == 0) {
    Attach(0, child);
    Report(kStarted, result_.pid);
    // Pipes that nobody has opened by now are closed.
    result_.pipes.clear();
  } else {
    Report(kFailed, result_.error);
    LetOwnerGo();
  }
}

void ProcessWrap::OnSpawnDropped() {
  request_ = nullptr;
  LetOwnerGo();
}

void ProcessWrap::OnExited(int error, const ChildStatus& status) {
  // What asyncio reports when the status is lost to somebody else's waiting.
  constexpr int kUnknownStatus = 255;
  status_ = status;
  Report(kExited, error != 0 ? kUnknownStatus : status.code);
}

Napi::Value ProcessWrap::Withdraw(const Napi::CallbackInfo& info) {
  if (request_ != nullptr && port_->Withdraw(request_)) {
    request_ = nullptr;
    Started(0);
  }
  return Napi::Boolean::New(info.Env(), request_ == nullptr);
}

Napi::Value ProcessWrap::FailedStep(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<int>(result_.step));
}

Napi::Value ProcessWrap::FailedDescriptor(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), result_.target);
}

Napi::Value ProcessWrap::OpenPipe(const Napi::CallbackInfo& info) {
  int32_t descriptor = -1;
  PipeWrap* pipe = PipeWrap::From(info[1]);
  int code = UV_EINVAL;
  if (pipe != nullptr && ReadInteger(info.Env(), info[0], &descriptor)) {
    code = UV_EBADF;
    for (SpawnPipe& one : result_.pipes) {
      if (one.target != descriptor || one.end.get() < 0) continue;
      code = pipe->OpenEnd(std::move(one.end), std::move(one.hangup));
      break;
    }
  }
  return Napi::Number::New(info.Env(), code);
}

Napi::Value ProcessWrap::Kill(const Napi::CallbackInfo& info) {
  int32_t signal = 0;
  int code = UV_ESRCH;
  if (child() != nullptr) {
    code = ReadInteger(info.Env(), info[0], &signal) ? child()->Kill(signal) : UV_EINVAL;
  }
  return Napi::Number::New(info.Env(), code);
}

Napi::Value ProcessWrap::CoreDumped(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), status_.core_dumped);
}

Napi::Value ProcessWrap::Usage(const Napi::CallbackInfo& info) {
  Napi::Array usage = Napi::Array::New(info.Env(), 3);
  usage.Set(0u, static_cast<double>(status_.user_time));
  usage.Set(1u, static_cast<double>(status_.system_time));
  usage.Set(2u, static_cast<double>(status_.max_rss));
  return usage;
}

Napi::Value ProcessWrap::Abandon(const Napi::CallbackInfo& info) {
  if (request_ != nullptr) port_->Drop();
  if (child() != nullptr && !leave_running_) child()->Kill(SIGKILL);
  return info.Env().Undefined();
}

Napi::Value ProcessWrap::Close(const Napi::CallbackInfo& info) {
  if (attached()) return CloseHandle(info);
  LetOwnerGo();
  return info.Env().Undefined();
}

}  // namespace uvio
