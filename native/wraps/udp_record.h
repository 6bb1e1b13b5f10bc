// How a datagram is described to JavaScript: words of an Int32Array that both sides share.
//
// A record says where the datagram lies and whom it is from, or with no datagram whom the next one
// is for.
#ifndef UVIO_WRAPS_UDP_RECORD_H_
#define UVIO_WRAPS_UDP_RECORD_H_

#include <uv.h>

#include <cstddef>
#include <cstdint>

namespace uvio {

// Words of a record; datagram_contract.ts has the same list.
enum RecordWord : size_t { kSize, kOffset, kFamily, kPort, kScope, kAddress, kRecordWords = 9 };

void WriteRecord(const sockaddr* address, int32_t* record);

// False for a record without an address.
bool ReadRecord(const int32_t* record, sockaddr_storage* address);

}  // namespace uvio

#endif  // UVIO_WRAPS_UDP_RECORD_H_
