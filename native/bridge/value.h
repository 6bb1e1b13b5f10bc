// Conversion between JavaScript values and what libuv takes.
//
// Reading functions answer false for a value of another kind and leave no exception behind;
// TypeScript has checked arguments by then, so false means a defect that must still not crash.
#ifndef UVIO_BRIDGE_VALUE_H_
#define UVIO_BRIDGE_VALUE_H_

#include <node_api.h>
#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace uvio {

// The arguments of one call, and the native object behind `this`.
template <typename Wrap, size_t kCount>
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) {
    size_t count = kCount;
    napi_value receiver;
    if (napi_get_cb_info(env, info, &count, values_, &receiver, nullptr) != napi_ok) return;
    void* data = nullptr;
    if (napi_unwrap(env, receiver, &data) == napi_ok) self_ = static_cast<Wrap*>(data);
  }

  Wrap* self() const { return self_; }
  napi_value operator[](size_t index) const { return values_[index]; }

 private:
  napi_value values_[kCount == 0 ? 1 : kCount] = {};
  Wrap* self_ = nullptr;
};

napi_value MakeInteger(napi_env env, int32_t value);
napi_value MakeNumber(napi_env env, double value);
napi_value MakeString(napi_env env, const std::string& value);

bool ReadInteger(napi_env env, napi_value value, int32_t* result);
bool ReadBoolean(napi_env env, napi_value value, bool* result);
bool ReadString(napi_env env, napi_value value, std::string* result);

// The bytes of any typed array, valid while the caller's handle scope keeps `value`.
bool ReadBytes(napi_env env, napi_value value, uv_buf_t* bytes);

void SetProperty(napi_env env, napi_value object, const char* name, napi_value value);

// {address, port, family: 'IPv4' | 'IPv6'}, or undefined for an address of another family.
napi_value MakeAddress(napi_env env, const sockaddr* address);

}  // namespace uvio

#endif  // UVIO_BRIDGE_VALUE_H_
