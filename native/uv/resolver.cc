// Names to addresses; see resolver.h.
#include "uv/resolver.h"

#include <memory>

namespace uvio {

int Lookup::Start(Loop* loop, const char* host, const char* service, const addrinfo& hints,
                  LookupListener* listener, Lookup** lookup) {
  auto* created = new Lookup(listener);
  created->request_.data = created;
  const int error = uv_getaddrinfo(
      loop->raw(), &created->request_,
      [](uv_getaddrinfo_t* raw, int status, addrinfo* list) {
        std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(list, uv_freeaddrinfo);
        std::unique_ptr<Lookup> self(static_cast<Lookup*>(raw->data));
        if (self->listener_ != nullptr) self->listener_->OnLookup(status, list);
      },
      host, service, &hints);
  if (error != 0) {
    delete created;
    return error;
  }
  *lookup = created;
  return 0;
}

void Lookup::Cancel() {
  listener_ = nullptr;
  uv_cancel(reinterpret_cast<uv_req_t*>(&request_));
}

}  // namespace uvio
