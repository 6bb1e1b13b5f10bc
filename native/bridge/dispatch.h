// From libuv's callbacks into JavaScript: the callback scope of a turn, and timed calls inside it.
//
// One Dispatch serves one loop. It holds the JavaScript functions that the loop was made with and
// calls them by number; each call is timed into the loop's histogram. Calls happen only while a
// scope is open, which is only inside a turn: a loop that is closing, or a thread being terminated,
// gets false instead. A Dispatch deletes itself when its driver is gone.
#ifndef UVIO_BRIDGE_DISPATCH_H_
#define UVIO_BRIDGE_DISPATCH_H_

#include <node_api.h>

#include <cstdint>
#include <functional>

#include "base/read_region.h"
#include "uv/driver.h"

namespace uvio {

class Dispatch final : private TurnHost {
 public:
  Dispatch(const Dispatch&) = delete;
  Dispatch& operator=(const Dispatch&) = delete;

  // The functions of `contract.LoopCallbacks`, in the order of kCallbackNames.
  enum Callback : unsigned {
    kRunReady,
    kEndRound,
    kAllocateRegion,
    kRead,
    kGetBuffer,
    kBufferUpdated,
    kStreamEvent,
    kLookup,
    kHandleEvent,
    kSlowCallback,
    kLateTurn,
    kStallEnded,
    kCallbackCount,
  };

  // `callbacks` holds the functions; `state` is the Int32Array shared with JavaScript; `closed` is
  // called, with a handle scope open, when the Dispatch is gone. Null, with an exception pending,
  // on failure.
  static Dispatch* Create(napi_env env, napi_value callbacks, napi_value state,
                          std::function<void()> closed);

  Driver* driver() { return driver_; }
  bool closing() const { return closing_; }
  Loop* loop() { return driver_->loop(); }

  // Leaves in `words`, a view of shared memory, since when a callback is running; null: no more.
  // UV_EINVAL for anything else.
  int Watch(napi_value words);

  // Begins closing the loop and everything in it. No callback is called from here on.
  void Close();

  // False when JavaScript cannot be called now.
  bool Enter();

  // Calls a callback after Enter(). False when it threw, which only a defect or termination can
  // cause.
  bool Call(Callback callback, size_t count, const napi_value* arguments,
            napi_value* result = nullptr);

  // Where the next read of this loop may go, of `size` bytes at least. A length of 0: no memory.
  uv_buf_t FreeSpace(size_t size = 0);
  ReadRegion& region() { return region_; }

 private:
  // Slots of the shared Int32Array; contract.ts has the same list.
  enum State : unsigned {
    kReadyCount,
    kDeadlinePassed,
    kBatchLimit,
    kSlowThreshold,
    kLateThreshold,
    kStateSize
  };

  explicit Dispatch(napi_env env) : env_(env) {}
  ~Dispatch();

  bool OpenScope() override;
  void CloseScope() override;
  bool RunReady() override;
  bool EndRound() override;
  void OnDeadline() override;
  void OnLateTurn(uint64_t wanted, uint64_t waited, uint64_t callbacks) override;
  void OnDriverClosed() override;

  bool Exceeds(State threshold, uint64_t nanoseconds) const;
  bool Invoke(Callback callback, size_t count, const napi_value* arguments, napi_value* result);
  bool ReportStall(uint64_t nanoseconds);
  bool OpenHandles();
  void CloseHandles();

  napi_env env_;
  Driver* driver_ = nullptr;
  napi_ref callbacks_[kCallbackCount] = {};
  napi_ref state_reference_ = nullptr;
  napi_ref entry_reference_ = nullptr;
  int32_t* state_ = nullptr;
  napi_ref resource_ = nullptr;
  napi_async_context context_ = nullptr;
  napi_handle_scope handles_ = nullptr;
  // Handles of the current handle scope, looked up once in it.
  napi_value functions_[kCallbackCount] = {};
  napi_value receiver_ = nullptr;
  napi_callback_scope scope_ = nullptr;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  std::function<void()> closed_;
  ReadRegion region_;
  unsigned calls_in_scope_ = 0;
  bool closing_ = false;
  bool entered_ = false;
};

}  // namespace uvio

#endif  // UVIO_BRIDGE_DISPATCH_H_
