// Names of unix sockets; see unix_address.h.
#include "uv/unix_address.h"

#ifndef _WIN32

#include <cstddef>
#include <cstring>

namespace uvio {

namespace {

constexpr size_t kNameOffset = offsetof(sockaddr_un, sun_path);

}  // namespace

int FillUnixAddress(const uv_buf_t& name, sockaddr_un* address, socklen_t* size) {
  if (name.len == 0) return UV_EINVAL;
  address->sun_family = AF_UNIX;
  const bool is_abstract = name.base[0] == '\0';
#ifndef __linux__
  if (is_abstract) return UV_EINVAL;
#endif
  const size_t whole = name.len + (is_abstract ? 0 : 1);
  if (whole > sizeof(address->sun_path)) return UV_ENAMETOOLONG;
  if (!is_abstract && std::memchr(name.base, '\0', name.len) != nullptr) return UV_EINVAL;
  std::memcpy(address->sun_path, name.base, name.len);
  *size = static_cast<socklen_t>(kNameOffset + whole);
  return 0;
}

std::string UnixName(const sockaddr_un& address, socklen_t size) {
  const size_t length = size > kNameOffset ? size - kNameOffset : 0;
#ifdef __linux__
  const bool is_abstract = length > 0 && address.sun_path[0] == '\0';
#else
  // A socket without a name has zeros there.
  constexpr bool is_abstract = false;
#endif
  return {address.sun_path, is_abstract ? length : strnlen(address.sun_path, length)};
}

}  // namespace uvio

#endif  // !_WIN32
