// Names to addresses and back; see resolver.h.
#include "uv/resolver.h"

#include <memory>

namespace uvio {

namespace {

using List = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

}  // namespace

int Lookup::Start(Loop* loop, const char* host, const char* service, const addrinfo& hints,
                  LookupListener* listener, Lookup** lookup) {
  auto* created = new Lookup(listener);
  const int error = uv_getaddrinfo(
      loop->raw(), &created->request_.addresses,
      [](uv_getaddrinfo_t* raw, int status, addrinfo* list) {
        List owned(list, uv_freeaddrinfo);
        std::unique_ptr<Lookup> self(static_cast<Lookup*>(raw->data));
        if (self->listener_ != nullptr) self->listener_->OnLookup(status, list);
      },
      host, service, &hints);
  if (error != 0) {
    delete created;
    return error;
  }
  created->request_.any.data = created;
  *lookup = created;
  return 0;
}

int Lookup::StartName(Loop* loop, const sockaddr_storage& address, int flags,
                      LookupListener* listener, Lookup** lookup) {
  auto* created = new Lookup(listener);
  const int error = uv_getnameinfo(
      loop->raw(), &created->request_.name,
      [](uv_getnameinfo_t* raw, int status, const char* host, const char* service) {
        std::unique_ptr<Lookup> self(static_cast<Lookup*>(raw->data));
        if (self->listener_ != nullptr) self->listener_->OnName(status, host, service);
      },
      reinterpret_cast<const sockaddr*>(&address), flags);
  if (error != 0) {
    delete created;
    return error;
  }
  created->request_.any.data = created;
  *lookup = created;
  return 0;
}

void Lookup::Cancel() {
  listener_ = nullptr;
  uv_cancel(&request_.any);
}

// Without a callback libuv asks on this thread.

int Lookup::Numeric(Loop* loop, const char* host, const char* service, const addrinfo& hints,
                    const std::function<void(const addrinfo* list)>& answer) {
  uv_getaddrinfo_t request;
  const int error = uv_getaddrinfo(loop->raw(), &request, nullptr, host, service, &hints);
  if (error != 0) return error;
  const List list(request.addrinfo, uv_freeaddrinfo);
  answer(list.get());
  return 0;
}

int Lookup::NumericName(Loop* loop, const sockaddr_storage& address, int flags,
                        const std::function<void(const char*, const char*)>& answer) {
  uv_getnameinfo_t request;
  const int error = uv_getnameinfo(loop->raw(), &request, nullptr,
                                   reinterpret_cast<const sockaddr*>(&address), flags);
  if (error == 0) answer(request.host, request.service);
  return error;
}

}  // namespace uvio
