// The life of one libuv handle: who owns it, how it closes, when its memory goes.
//
// A Handle is created with `new`, owns the uv handle inside it, and deletes itself in the uv close
// callback and nowhere else. Whoever listens to it learns of that through OnClosed, once, and must
// drop its pointer there. After Close() no other callback reaches the listener.
#ifndef UVIO_UV_HANDLE_H_
#define UVIO_UV_HANDLE_H_

#include <uv.h>

#include <functional>
#include <map>
#include <string>

namespace uvio {

class HandleListener {
 public:
  // The handle's memory goes away when this returns.
  virtual void OnClosed() = 0;

  // On whose behalf it listens, in terms of the floors above; null for nobody that can be named.
  virtual void* Owner() const { return nullptr; }

 protected:
  ~HandleListener() = default;
};

class Handle {
 public:
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  void Close();
  bool closing() const { return close_wanted_ || uv_is_closing(raw_) != 0; }

  // The listener is going away before the handle: nobody is told anything from here on.
  void Abandon();

  // Whether the handle, while it is active, keeps the loop alive; at first it does.
  void SetReferenced(bool referenced);

  // The owner of the handle that has this descriptor; null for none.
  static void* OwnerOf(uv_loop_t* loop, int descriptor);

  // How many handles of each of libuv's kinds a loop has, `except` left out.
  static std::map<std::string, int> CountKinds(uv_loop_t* loop, const Handle* except);
  // Calls `visit` with the kind (libuv's, as "tcp") and the owner of each handle that is open on
  // somebody's behalf; the owner is null when it cannot be named.
  static void Each(uv_loop_t* loop, const std::function<void(const char*, void*)>& visit);

  // The Handle behind a uv handle that lives in a uvio loop.
  static Handle* From(const uv_handle_t* raw) { return static_cast<Handle*>(raw->data); }

 protected:
  Handle(uv_handle_t* raw, HandleListener* listener);
  virtual ~Handle() = default;

  virtual void DropListener() = 0;

  // The handle begins to close: what belongs to it goes too.
  virtual void OnClosing() {}

  // Between the two, libuv must not see the handle close: Close() waits for Release().
  void Hold() { held_ = true; }
  void Release();

 private:
  uv_handle_t* raw_;
  HandleListener* listener_;
  bool held_ = false;
  bool close_wanted_ = false;
};

}  // namespace uvio

#endif  // UVIO_UV_HANDLE_H_
