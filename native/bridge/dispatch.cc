// From libuv's callbacks into JavaScript; see dispatch.h.
#include "bridge/dispatch.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "bridge/environment.h"
#include "bridge/value.h"

namespace uvio {

namespace {

constexpr const char* kCallbackNames[] = {
    "runReady",    "endRound", "allocateRegion", "read",         "getBuffer", "bufferUpdated",
    "streamEvent", "lookup",   "handleEvent",    "slowCallback", "lateTurn",  "stallEnded"};

// Handles made by events pile up until the scope is renewed; this bounds them.
constexpr unsigned kCallsPerHandleScope = 256;

// Less than this left in the read region, and a fresh one is taken: small enough to waste little,
// large enough that a read is not cut short.
constexpr size_t kSmallestRead = size_t{16} * 1024;

// Batches of ready callbacks that one call may run. A chain of callSoon would otherwise pay a scope
// and a poll for every link; callbacks that take their time get a poll after each batch, as in
// asyncio.
constexpr int32_t kBatchesPerPoll = 256;
constexpr uint64_t kBrief = 150000;  // ns

// What runReady answers; contract.ts has the same list.
enum Readiness : int32_t { kDone, kNeedsMicrotasks, kGoesOn };

constexpr uint64_t kNanosecondsPerMicrosecond = 1000;

}  // namespace

Dispatch* Dispatch::Create(napi_env env, napi_value callbacks, napi_value state,
                           std::function<void()> closed) {
  static_assert(sizeof(kCallbackNames) / sizeof(*kCallbackNames) == kCallbackCount);
  Environment* environment = Environment::Of(env);
  auto* self = new Dispatch(env);
  for (unsigned index = 0; index < kCallbackCount; index++) {
    napi_value function;
    napi_valuetype type;
    if (napi_get_named_property(env, callbacks, kCallbackNames[index], &function) != napi_ok ||
        napi_typeof(env, function, &type) != napi_ok || type != napi_function ||
        napi_create_reference(env, function, 1, &self->callbacks_[index]) != napi_ok) {
      napi_throw_type_error(env, nullptr, "uvio: a loop callback is missing");
      delete self;
      return nullptr;
    }
  }
  uv_buf_t bytes;
  if (!ReadBytes(env, state, &bytes) || bytes.len < kStateSize * sizeof(int32_t) ||
      napi_create_reference(env, state, 1, &self->state_reference_) != napi_ok) {
    napi_throw_type_error(env, nullptr, "uvio: the loop's state must be an Int32Array");
    delete self;
    return nullptr;
  }
  self->state_ = reinterpret_cast<int32_t*>(bytes.base);
  self->state_[kBatchLimit] = 1;
  napi_value resource;
  napi_create_object(env, &resource);
  napi_create_reference(env, resource, 1, &self->resource_);
  napi_async_init(env, resource, MakeString(env, "uvio.EventLoop"), &self->context_);
  const int error =
      Driver::Create(environment->host_loop, static_cast<TurnHost*>(self), &self->driver_);
  if (error != 0) {
    napi_throw_error(env, uv_err_name(error), uv_strerror(error));
    delete self;
    return nullptr;
  }
  self->closed_ = std::move(closed);
  environment->open_loops++;
  napi_add_async_cleanup_hook(
      env,
      [](napi_async_cleanup_hook_handle, void* data) { static_cast<Dispatch*>(data)->Close(); },
      self, &self->cleanup_);
  return self;
}

Dispatch::~Dispatch() {
  for (napi_ref reference : callbacks_) {
    if (reference != nullptr) napi_delete_reference(env_, reference);
  }
  if (state_reference_ != nullptr) napi_delete_reference(env_, state_reference_);
  if (context_ != nullptr) napi_async_destroy(env_, context_);
  if (resource_ != nullptr) napi_delete_reference(env_, resource_);
}

int Dispatch::Watch(napi_value words) {
  if (closing_) return UV_EBADF;
  uv_buf_t bytes = uv_buf_init(nullptr, 0);
  napi_ref reference = nullptr;
  if (words != nullptr) {
    const size_t needed = EntryStamp::kSize * sizeof(int64_t);
    if (!ReadBytes(env_, words, &bytes) || bytes.len < needed ||
        reinterpret_cast<uintptr_t>(bytes.base) % sizeof(int64_t) != 0 ||
        napi_create_reference(env_, words, 1, &reference) != napi_ok) {
      return UV_EINVAL;
    }
  }
  loop()->entry.Attach(bytes.base, Loop::Now);
  // The callback that asks for it is running already.
  if (scope_ != nullptr && loop()->entry.attached()) loop()->entry.Enter(Loop::Now());
  if (entry_reference_ != nullptr) napi_delete_reference(env_, entry_reference_);
  entry_reference_ = reference;
  return 0;
}

void Dispatch::Close() {
  Watch(nullptr);
  closing_ = true;
  driver_->Close();
}

void Dispatch::OnDriverClosed() {
  Environment::Of(env_)->open_loops--;
  std::function<void()> closed = std::move(closed_);
  napi_async_cleanup_hook_handle cleanup = cleanup_;
  napi_env env = env_;
  napi_handle_scope handles;
  napi_open_handle_scope(env, &handles);
  delete this;
  closed();
  napi_close_handle_scope(env, handles);
  napi_remove_async_cleanup_hook(cleanup);
}

bool Dispatch::OpenHandles() {
  if (napi_open_handle_scope(env_, &handles_) != napi_ok) return false;
  for (napi_value& function : functions_) function = nullptr;
  calls_in_scope_ = 0;
  return napi_get_reference_value(env_, resource_, &receiver_) == napi_ok;
}

void Dispatch::CloseHandles() { napi_close_handle_scope(env_, handles_); }

bool Dispatch::OpenScope() {
  UVIO_CHECK(scope_ == nullptr);
  if (!OpenHandles()) return false;
  if (napi_open_callback_scope(env_, receiver_, context_, &scope_) != napi_ok) {
    CloseHandles();
    scope_ = nullptr;
    return false;
  }
  return true;
}

void Dispatch::CloseScope() {
  napi_close_callback_scope(env_, scope_);
  scope_ = nullptr;
  loop()->entry.Leave(Loop::Now);
  CloseHandles();
}

bool Dispatch::Enter() {
  if (scope_ == nullptr || closing_) return false;
  if (++calls_in_scope_ >= kCallsPerHandleScope) {
    CloseHandles();
    OpenHandles();
  }
  return true;
}

bool Dispatch::Invoke(Callback callback, size_t count, const napi_value* arguments,
                      napi_value* result) {
  napi_value& function = functions_[callback];
  if (function == nullptr) napi_get_reference_value(env_, callbacks_[callback], &function);
  if (napi_call_function(env_, receiver_, function, count, arguments, result) == napi_ok) {
    return true;
  }
  ReportPendingException(env_);
  return false;
}

bool Dispatch::Call(Callback callback, size_t count, const napi_value* arguments,
                    napi_value* result) {
  entered_ = true;
  const uint64_t started = Loop::Now();
  loop()->entry.Enter(started);
  const bool called = Invoke(callback, count, arguments, result);
  const uint64_t duration = Loop::Now() - started;
  loop()->callbacks.Record(duration);
  if (called && Exceeds(kSlowThreshold, duration)) {
    const napi_value milliseconds = MakeNumber(env_, Loop::Milliseconds(duration));
    Invoke(kSlowCallback, 1, &milliseconds, nullptr);
  }
  return called;
}

// A threshold is in microseconds and one more; 0 is none.
bool Dispatch::Exceeds(State threshold, uint64_t nanoseconds) const {
  const int32_t value = state_[threshold];
  return value != 0 && !closing_ &&
         nanoseconds >= static_cast<uint64_t>(value - 1) * kNanosecondsPerMicrosecond;
}

void Dispatch::OnLateTurn(uint64_t wanted, uint64_t waited, uint64_t callbacks) {
  if (!Exceeds(kLateThreshold, waited - wanted) || !Enter()) return;
  const napi_value arguments[] = {MakeNumber(env_, Loop::Milliseconds(wanted)),
                                  MakeNumber(env_, Loop::Milliseconds(waited)),
                                  MakeNumber(env_, static_cast<double>(callbacks))};
  Invoke(kLateTurn, 3, arguments, nullptr);
}

bool Dispatch::RunReady() {
  if (state_[kReadyCount] == 0 || !Enter()) return false;
  napi_value result;
  int32_t readiness = kDone;
  const uint64_t spent_before = loop()->callbacks.sum();
  do {
    if (!Call(kRunReady, 0, nullptr, &result) || !ReadInteger(env_, result, &readiness)) {
      return false;
    }
  } while (readiness == kGoesOn && Enter());
  const bool brief = loop()->callbacks.sum() - spent_before < kBrief;
  state_[kBatchLimit] = brief ? std::min(state_[kBatchLimit] * 2, kBatchesPerPoll) : 1;
  return readiness == kNeedsMicrotasks;
}

bool Dispatch::EndRound() {
  if (closing_) return false;
  if (entered_) {
    entered_ = false;
    if (!OpenHandles()) return false;
    if (loop()->entry.attached()) loop()->entry.Enter(Loop::Now());
    bool called = Invoke(kEndRound, 0, nullptr, nullptr);
    loop()->entry.Leave(Loop::Now);
    const uint64_t stalled = loop()->entry.TakeReported();
    if (called && stalled != 0) called = ReportStall(stalled);
    CloseHandles();
    if (!called) return false;
  }
  return state_[kReadyCount] != 0;
}

bool Dispatch::ReportStall(uint64_t nanoseconds) {
  const napi_value milliseconds = MakeNumber(env_, Loop::Milliseconds(nanoseconds));
  return Invoke(kStallEnded, 1, &milliseconds, nullptr);
}

void Dispatch::OnDeadline() {
  state_[kDeadlinePassed] = 1;
  // JavaScript looks at its heap of timers whenever a batch begins; this makes one begin.
  state_[kReadyCount] = 1;
}

uv_buf_t Dispatch::FreeSpace(size_t size) {
  if (region_.free_size() < std::max(size, kSmallestRead)) {
    napi_value buffer;
    uv_buf_t bytes;
    // JavaScript keeps the region that it made last, and nothing else needs to: a read follows at
    // once.
    if (!Invoke(kAllocateRegion, 0, nullptr, &buffer) || !ReadBytes(env_, buffer, &bytes)) {
      return uv_buf_init(nullptr, 0);
    }
    region_.Assign(bytes.base, bytes.len);
  }
  return uv_buf_init(region_.free_space(), static_cast<unsigned>(region_.free_size()));
}

}  // namespace uvio
