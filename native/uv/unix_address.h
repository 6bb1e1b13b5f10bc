// Names of unix sockets as the system takes and gives them.
//
// A name is bytes: a path, which ends with a zero byte in the system's structure, or one of Linux's
// abstract names, which begins with a zero byte and is all of its bytes. Nothing is ever cut off.
#ifndef UVIO_UV_UNIX_ADDRESS_H_
#define UVIO_UV_UNIX_ADDRESS_H_

#ifndef _WIN32

#include <sys/socket.h>
#include <sys/un.h>
#include <uv.h>

#include <string>

namespace uvio {

// UV_EINVAL or UV_ENAMETOOLONG for what is no name.
int FillUnixAddress(const uv_buf_t& name, sockaddr_un* address, socklen_t* size);

// The name in an address of `size` bytes; empty for a socket that has none.
std::string UnixName(const sockaddr_un& address, socklen_t size);

}  // namespace uvio

#endif  // !_WIN32

#endif  // UVIO_UV_UNIX_ADDRESS_H_
