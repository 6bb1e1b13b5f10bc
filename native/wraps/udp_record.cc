// How a datagram is described to JavaScript; see udp_record.h.
#include "wraps/udp_record.h"

#include <cstring>

namespace uvio {

void WriteRecord(const sockaddr* address, int32_t* record) {
  if (address->sa_family == AF_INET6) {
    const auto* ip6 = reinterpret_cast<const sockaddr_in6*>(address);
    record[kFamily] = 6;
    record[kPort] = ntohs(ip6->sin6_port);
    record[kScope] = static_cast<int32_t>(ip6->sin6_scope_id);
    std::memcpy(record + kAddress, &ip6->sin6_addr, sizeof(ip6->sin6_addr));
  } else {
    const auto* ip4 = reinterpret_cast<const sockaddr_in*>(address);
    record[kFamily] = 4;
    record[kPort] = ntohs(ip4->sin_port);
    std::memcpy(record + kAddress, &ip4->sin_addr, sizeof(ip4->sin_addr));
  }
}

bool ReadRecord(const int32_t* record, sockaddr_storage* address) {
  const auto port = htons(static_cast<uint16_t>(record[kPort]));
  if (record[kFamily] == 6) {
    auto* ip6 = reinterpret_cast<sockaddr_in6*>(address);
    ip6->sin6_family = AF_INET6;
    ip6->sin6_port = port;
    ip6->sin6_flowinfo = 0;
    ip6->sin6_scope_id = static_cast<uint32_t>(record[kScope]);
    std::memcpy(&ip6->sin6_addr, record + kAddress, sizeof(ip6->sin6_addr));
    return true;
  }
  if (record[kFamily] != 4) return false;
  auto* ip4 = reinterpret_cast<sockaddr_in*>(address);
  *ip4 = {};
  ip4->sin_family = AF_INET;
  ip4->sin_port = port;
  std::memcpy(&ip4->sin_addr, record + kAddress, sizeof(ip4->sin_addr));
  return true;
}

}  // namespace uvio
