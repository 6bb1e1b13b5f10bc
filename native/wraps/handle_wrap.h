// What the JavaScript classes over one plain handle share: who hears of its events, and how it
// ends.
//
// The wrap holds its owner (an object in TypeScript) strongly while the uv handle lives, and is
// held by it; when the handle has closed the owner is let go and both may be collected. A wrap
// collected earlier closes its handle unheard. Streams, which are written to by number, have
// StreamWrap.
#ifndef UVIO_WRAPS_HANDLE_WRAP_H_
#define UVIO_WRAPS_HANDLE_WRAP_H_

#include <napi.h>

#include "bridge/dispatch.h"
#include "uv/handle.h"

namespace uvio {

class HandleWrap {
 public:
  HandleWrap(const HandleWrap&) = delete;
  HandleWrap& operator=(const HandleWrap&) = delete;

 protected:
  // (loop, owner): throws with libuv's code unless they are a LoopWrap and an object.
  explicit HandleWrap(const Napi::CallbackInfo& info);
  ~HandleWrap();

  // False when an exception is pending already.
  bool valid() const { return owner_ != nullptr; }
  // Ends a constructor: with its handle, or with an exception that has the error's name as code.
  void Attach(int error, Handle* handle);
  bool attached() const { return handle_ != nullptr; }
  // Null once the handle is closing. While there is one, there is a dispatch.
  Handle* open() const { return handle_ == nullptr || handle_->closing() ? nullptr : handle_; }
  Dispatch* dispatch() const { return dispatch_; }
  napi_ref owner() const { return owner_; }

  // Every method that starts or stops a watcher ends with this.
  int Started(int error) {
    dispatch_->driver()->RequestTurn();
    return error;
  }

  // Calls owner.onEvent(kind, value).
  void Report(int32_t kind, int32_t value);
  Napi::Value CloseHandle(const Napi::CallbackInfo& info);
  // To be called by the listener's OnClosed.
  void HandleClosed();
  // For a wrap that comes to its end without a handle.
  void LetOwnerGo();

 private:
  Dispatch* dispatch_;
  Handle* handle_ = nullptr;
  napi_env env_;
  napi_ref owner_ = nullptr;
};

}  // namespace uvio

#endif  // UVIO_WRAPS_HANDLE_WRAP_H_
