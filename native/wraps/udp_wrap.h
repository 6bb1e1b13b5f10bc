// The JavaScript class UdpWrap: one UDP socket.
//
// Received datagrams are copied to the loop's read region and described in an Int32Array that all
// UDP sockets of the loop share with JavaScript; one call reports a batch. The same array holds the
// address that the next send goes to. datagram_contract.ts has its layout. Methods return 0 or a
// negative libuv code.
#ifndef UVIO_WRAPS_UDP_WRAP_H_
#define UVIO_WRAPS_UDP_WRAP_H_

#include <napi.h>

#include <string>

#include "bridge/environment.h"
#include "uv/udp.h"
#include "wraps/handle_wrap.h"
#include "wraps/udp_record.h"

namespace uvio {

class UdpWrap final : public Napi::ObjectWrap<UdpWrap>,
                      private HandleWrap,
                      private UdpListener,
                      private WriteTarget {
 public:
  static void Register(Napi::Env env, Napi::Object exports);

  // (loop, owner, family: 4 | 6, or 0 to adopt a socket, records): throws with libuv's code.
  explicit UdpWrap(const Napi::CallbackInfo& info);
  ~UdpWrap() override;

 private:
  // Kinds of events; datagram_contract.ts has the same list.
  enum Event : int32_t { kReceived, kReceiveFailed, kSent, kSendFailed };
  static constexpr size_t kDestination = Udp::kBatch;
  // What a queued datagram counts for besides its bytes, as in asyncio.
  static constexpr size_t kHeaderSize = 8;

  // (descriptor)
  Napi::Value Adopt(const Napi::CallbackInfo& info);
  Napi::Value TakeOver(const Napi::CallbackInfo& info);
  // (address, port, reusePort)
  Napi::Value Bind(const Napi::CallbackInfo& info);
  // (address, port)
  Napi::Value Connect(const Napi::CallbackInfo& info);
  Napi::Value ReceiveStart(const Napi::CallbackInfo& info);
  Napi::Value ReceiveStop(const Napi::CallbackInfo& info);
  // (address, port): makes it the destination.
  Napi::Value SetDestination(const Napi::CallbackInfo& info);
  // (record): its sender as an address object.
  Napi::Value SenderOf(const Napi::CallbackInfo& info);
  // (option, value): one of the options below.
  Napi::Value SetOption(const Napi::CallbackInfo& info);
  // (group, interface | null, join)
  Napi::Value SetMembership(const Napi::CallbackInfo& info);
  // (interface)
  Napi::Value SetMulticastInterface(const Napi::CallbackInfo& info);
  // (receiving, size): size 0 asks.
  Napi::Value BufferSize(const Napi::CallbackInfo& info);
  Napi::Value GetSocketName(const Napi::CallbackInfo& info);
  Napi::Value GetPeerName(const Napi::CallbackInfo& info);
  Napi::Value GetDescriptor(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info) { return CloseHandle(info); }

  int64_t Write(napi_value view, size_t size, bool copy) override;
  void OnDatagrams(const Datagram* datagrams, size_t count) override;
  void OnReceiveError(int status) override { Report(kReceiveFailed, status); }
  void OnSent(int status, size_t size) override;
  void OnClosed() override;
  void* Owner() const override { return owner(); }

  int32_t* record(size_t index) { return records_ + index * kRecordWords; }

  Udp* udp() const { return static_cast<Udp*>(open()); }
  // From the first two arguments.
  static int ParseAddress(const Napi::CallbackInfo& info, sockaddr_storage* address);

  napi_env env_;
  int32_t* records_ = nullptr;
  napi_ref records_reference_ = nullptr;
  uint32_t number_ = 0;
};

}  // namespace uvio

#endif  // UVIO_WRAPS_UDP_WRAP_H_
