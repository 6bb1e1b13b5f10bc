// Conversion between JavaScript values and what libuv takes; see value.h.
#include "bridge/value.h"

namespace uvio {

napi_value MakeInteger(napi_env env, int32_t value) {
  napi_value result = nullptr;
  napi_create_int32(env, value, &result);
  return result;
}

napi_value MakeNumber(napi_env env, double value) {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}

napi_value MakeString(napi_env env, const std::string& value) {
  napi_value result = nullptr;
  napi_create_string_utf8(env, value.data(), value.size(), &result);
  return result;
}

bool ReadInteger(napi_env env, napi_value value, int32_t* result) {
  return napi_get_value_int32(env, value, result) == napi_ok;
}

bool ReadBoolean(napi_env env, napi_value value, bool* result) {
  return napi_get_value_bool(env, value, result) == napi_ok;
}

bool ReadString(napi_env env, napi_value value, std::string* result) {
  size_t size = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &size) != napi_ok) return false;
  result->resize(size);
  return napi_get_value_string_utf8(env, value, result->data(), size + 1, &size) == napi_ok;
}

bool ReadBytes(napi_env env, napi_value value, uv_buf_t* bytes) {
  bool is_view = false;
  if (napi_is_buffer(env, value, &is_view) != napi_ok || !is_view) return false;
  void* data = nullptr;
  size_t size = 0;
  if (napi_get_buffer_info(env, value, &data, &size) != napi_ok) return false;
  // Not uv_buf_init, which takes 32 bits.
  bytes->base = static_cast<char*>(data);
  bytes->len = size;
  return true;
}

void SetProperty(napi_env env, napi_value object, const char* name, napi_value value) {
  napi_set_named_property(env, object, name, value);
}

napi_value MakeAddress(napi_env env, const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "";
  std::string name;
  int port = 0;
  const char* family = nullptr;
  if (address->sa_family == AF_INET) {
    const auto* ip4 = reinterpret_cast<const sockaddr_in*>(address);
    uv_ip4_name(ip4, text, sizeof(text));
    name = text;
    port = ntohs(ip4->sin_port);
    family = "IPv4";
  } else if (address->sa_family == AF_INET6) {
    const auto* ip6 = reinterpret_cast<const sockaddr_in6*>(address);
    uv_ip6_name(ip6, text, sizeof(text));
    name = text;
    // A link-local address means nothing without its interface.
    char scope[UV_IF_NAMESIZE];
    size_t size = sizeof(scope);
    if (ip6->sin6_scope_id != 0 && uv_if_indextoiid(ip6->sin6_scope_id, scope, &size) == 0) {
      name.append("%").append(scope, size);
    }
    port = ntohs(ip6->sin6_port);
    family = "IPv6";
  }
  napi_value result;
  if (family == nullptr) {
    napi_get_undefined(env, &result);
    return result;
  }
  napi_create_object(env, &result);
  SetProperty(env, result, "address", MakeString(env, name));
  SetProperty(env, result, "port", MakeInteger(env, port));
  SetProperty(env, result, "family", MakeString(env, family));
  return result;
}

}  // namespace uvio
