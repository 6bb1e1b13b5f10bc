// The life of one libuv handle; see handle.h.
#include "uv/handle.h"

namespace uvio {

Handle::Handle(uv_handle_t* raw, HandleListener* listener) : raw_(raw), listener_(listener) {
  raw_->data = this;
}

void Handle::Close() {
  if (closing()) return;
  if (held_) {
    close_wanted_ = true;
    return;
  }
  OnClosing();
  uv_close(raw_, [](uv_handle_t* raw) {
    Handle* self = From(raw);
    if (self->listener_ != nullptr) self->listener_->OnClosed();
    delete self;
  });
}

void Handle::Release() {
  held_ = false;
  if (!close_wanted_) return;
  close_wanted_ = false;
  Close();
}

void Handle::Abandon() {
  listener_ = nullptr;
  DropListener();
  Close();
}

void Handle::Each(uv_loop_t* loop, const std::function<void(const char*, void*)>& visit) {
  const auto look = [](uv_handle_t* raw, void* data) {
    const Handle* self = From(raw);
    if (self->listener_ == nullptr || self->closing()) return;
    const auto& visit = *static_cast<const std::function<void(const char*, void*)>*>(data);
    visit(uv_handle_type_name(uv_handle_get_type(raw)), self->listener_->Owner());
  };
  uv_walk(loop, look, const_cast<void*>(static_cast<const void*>(&visit)));
}

void Handle::SetReferenced(bool referenced) {
  if (referenced) {
    uv_ref(raw_);
  } else {
    uv_unref(raw_);
  }
}

void* Handle::OwnerOf(uv_loop_t* loop, int descriptor) {
#ifdef _WIN32
  (void)loop;
  (void)descriptor;
  return nullptr;
#else
  struct Search {
    int descriptor;
    void* owner;
  } search{descriptor, nullptr};
  const auto look = [](uv_handle_t* raw, void* data) {
    auto* search = static_cast<Search*>(data);
    const HandleListener* listener = From(raw)->listener_;
    int descriptor;
    if (listener != nullptr && uv_fileno(raw, &descriptor) == 0 &&
        descriptor == search->descriptor && listener->Owner() != nullptr) {
      search->owner = listener->Owner();
    }
  };
  uv_walk(loop, look, &search);
  return search.owner;
#endif
}

std::map<std::string, int> Handle::CountKinds(uv_loop_t* loop, const Handle* except) {
  struct Count {
    const Handle* except;
    std::map<std::string, int> kinds;
  } count{except, {}};
  const auto look = [](uv_handle_t* raw, void* data) {
    auto* count = static_cast<Count*>(data);
    if (From(raw) == count->except || From(raw)->closing()) return;
    count->kinds[uv_handle_type_name(raw->type)]++;
  };
  uv_walk(loop, look, &count);
  return count.kinds;
}

}  // namespace uvio
