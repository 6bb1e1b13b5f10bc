// The numbers of the socket API on this system; see constants.h.
#include "wraps/constants.h"

#include <uv.h>

#ifndef _WIN32
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#endif

namespace uvio {

namespace {

struct Constant {
  const char* name;
  int value;
};

constexpr Constant kConstants[] = {
    {"AI_PASSIVE", AI_PASSIVE},
    {"AI_CANONNAME", AI_CANONNAME},
    {"AI_NUMERICHOST", AI_NUMERICHOST},
    {"AI_NUMERICSERV", AI_NUMERICSERV},
    {"AI_ADDRCONFIG", AI_ADDRCONFIG},
    {"AI_V4MAPPED", AI_V4MAPPED},
    {"AI_ALL", AI_ALL},
    {"NI_NUMERICHOST", NI_NUMERICHOST},
    {"NI_NUMERICSERV", NI_NUMERICSERV},
    {"NI_NAMEREQD", NI_NAMEREQD},
    {"NI_NOFQDN", NI_NOFQDN},
    {"NI_DGRAM", NI_DGRAM},
    {"SOCK_STREAM", SOCK_STREAM},
    {"SOCK_DGRAM", SOCK_DGRAM},
    {"SOCK_RAW", SOCK_RAW},
    {"IPPROTO_IPV6", IPPROTO_IPV6},
    {"IPPROTO_TCP", IPPROTO_TCP},
    {"IPPROTO_UDP", IPPROTO_UDP},
    {"SOL_SOCKET", SOL_SOCKET},
    {"SOMAXCONN", SOMAXCONN},
    {"SO_BROADCAST", SO_BROADCAST},
    {"SO_ERROR", SO_ERROR},
    {"SO_KEEPALIVE", SO_KEEPALIVE},
    {"SO_LINGER", SO_LINGER},
    {"SO_RCVBUF", SO_RCVBUF},
    {"SO_REUSEADDR", SO_REUSEADDR},
    {"SO_SNDBUF", SO_SNDBUF},
    {"SO_TYPE", SO_TYPE},
    {"TCP_NODELAY", TCP_NODELAY},
    {"IPV6_V6ONLY", IPV6_V6ONLY},
#ifdef SO_REUSEPORT
    {"SO_REUSEPORT", SO_REUSEPORT},
#endif
#ifdef TCP_KEEPIDLE
    {"TCP_KEEPIDLE", TCP_KEEPIDLE},
#endif
#ifdef TCP_KEEPINTVL
    {"TCP_KEEPINTVL", TCP_KEEPINTVL},
    {"TCP_KEEPCNT", TCP_KEEPCNT},
#endif
#ifdef _WIN32
    {"SHUT_RD", SD_RECEIVE},
    {"SHUT_WR", SD_SEND},
    {"SHUT_RDWR", SD_BOTH},
#else
    {"SHUT_RD", SHUT_RD},
    {"SHUT_WR", SHUT_WR},
    {"SHUT_RDWR", SHUT_RDWR},
#endif
};

}  // namespace

void RegisterConstants(Napi::Env env, Napi::Object exports) {
  Napi::Object constants = Napi::Object::New(env);
  for (const Constant& constant : kConstants) constants.Set(constant.name, constant.value);
  exports.Set("constants", constants);
}

}  // namespace uvio
