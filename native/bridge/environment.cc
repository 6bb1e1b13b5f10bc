// What belongs to one JavaScript environment; see environment.h.
#include "bridge/environment.h"

#include "uv/handover.h"

namespace uvio {

namespace {

// libuv keeps its structures' sizes within a major version; a host that changed them would corrupt
// memory silently, so it is refused.
bool LayoutMatches() {
  return uv_version() >> 16 == UV_VERSION_MAJOR && uv_loop_size() == sizeof(uv_loop_t) &&
         uv_handle_size(UV_TCP) == sizeof(uv_tcp_t) &&
         uv_handle_size(UV_NAMED_PIPE) == sizeof(uv_pipe_t) &&
         uv_handle_size(UV_POLL) == sizeof(uv_poll_t) &&
         uv_handle_size(UV_IDLE) == sizeof(uv_idle_t) &&
         uv_handle_size(UV_SIGNAL) == sizeof(uv_signal_t) &&
         uv_handle_size(UV_UDP) == sizeof(uv_udp_t) &&
         uv_handle_size(UV_ASYNC) == sizeof(uv_async_t) &&
         uv_req_size(UV_UDP_SEND) == sizeof(uv_udp_send_t) &&
         uv_req_size(UV_WRITE) == sizeof(uv_write_t) && uv_req_size(UV_WORK) == sizeof(uv_work_t) &&
         uv_req_size(UV_CONNECT) == sizeof(uv_connect_t) &&
         uv_req_size(UV_GETADDRINFO) == sizeof(uv_getaddrinfo_t) &&
         uv_req_size(UV_GETNAMEINFO) == sizeof(uv_getnameinfo_t);
}

}  // namespace

bool Environment::Install(napi_env env) {
  if (!LayoutMatches()) {
    napi_throw_error(env, "ERR_UVIO_LIBUV",
                     "uvio: this Node.js carries a libuv with another memory layout than the one "
                     "uvio was compiled for");
    return false;
  }
  auto* environment = new Environment();
  const auto free = [](napi_env, void* data, void*) { delete static_cast<Environment*>(data); };
  if (napi_get_uv_event_loop(env, &environment->host_loop) != napi_ok ||
      napi_set_instance_data(env, environment, free, nullptr) != napi_ok) {
    delete environment;
    napi_throw_error(env, "ERR_UVIO_HOST", "uvio: this runtime has no libuv event loop");
    return false;
  }
  return true;
}

Environment::~Environment() { CloseOffered(this); }

Environment* Environment::Of(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Environment*>(data);
}

void ReportPendingException(napi_env env) {
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) != napi_ok || !pending) return;
  napi_value error;
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
}

}  // namespace uvio
