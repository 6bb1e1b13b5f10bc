// The JavaScript class UdpWrap; see udp_wrap.h.
#include "wraps/udp_wrap.h"

#include <cstring>

#include "bridge/value.h"
#include "uv/tcp.h"
#include "wraps/udp_record.h"

namespace uvio {

namespace {

// Options that are one number; datagram_contract.ts has the same list.
enum Option : int32_t { kBroadcast, kTtl, kMulticastTtl, kMulticastLoopback };

Napi::Value Code(const Napi::CallbackInfo& info, int code) {
  return Napi::Number::New(info.Env(), code);
}

}  // namespace

void UdpWrap::Register(Napi::Env env, Napi::Object exports) {
  exports.Set(
      "UdpWrap",
      DefineClass(
          env, "UdpWrap",
          {InstanceMethod<&UdpWrap::Adopt>("adopt"), InstanceMethod<&UdpWrap::TakeOver>("takeOver"),
           InstanceMethod<&UdpWrap::Bind>("bind"), InstanceMethod<&UdpWrap::Connect>("connect"),
           InstanceMethod<&UdpWrap::ReceiveStart>("receiveStart"),
           InstanceMethod<&UdpWrap::ReceiveStop>("receiveStop"),
           InstanceMethod<&UdpWrap::SetDestination>("setDestination"),
           InstanceMethod<&UdpWrap::SenderOf>("senderOf"),
           InstanceMethod<&UdpWrap::SetOption>("setOption"),
           InstanceMethod<&UdpWrap::SetMembership>("setMembership"),
           InstanceMethod<&UdpWrap::SetMulticastInterface>("setMulticastInterface"),
           InstanceMethod<&UdpWrap::BufferSize>("bufferSize"),
           InstanceMethod<&UdpWrap::GetSocketName>("getSocketName"),
           InstanceMethod<&UdpWrap::GetPeerName>("getPeerName"),
           InstanceMethod<&UdpWrap::GetDescriptor>("getDescriptor"),
           InstanceMethod<&UdpWrap::Close>("close")}));
}

UdpWrap::UdpWrap(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<UdpWrap>(info), HandleWrap(info), env_(info.Env()) {
  if (!valid()) return;
  int32_t family = 0;
  uv_buf_t records;
  if (!ReadInteger(env_, info[2], &family) || (family != 0 && family != 4 && family != 6) ||
      !ReadBytes(env_, info[3], &records) ||
      records.len < (kDestination + 1) * kRecordWords * sizeof(int32_t) ||
      napi_create_reference(env_, info[3], 1, &records_reference_) != napi_ok) {
    Attach(UV_EINVAL, nullptr);
    return;
  }
  records_ = reinterpret_cast<int32_t*>(records.base);
  Udp* created = nullptr;
  const int domain = family == 4 ? AF_INET : family == 6 ? AF_INET6 : AF_UNSPEC;
  const int error = Udp::Create(dispatch()->loop(), domain, this, &created);
  if (error == 0) {
    number_ = Environment::Of(env_)->streams.Add(this);
    info.This().As<Napi::Object>().Set("number", number_);
  }
  Attach(error, created);
}

UdpWrap::~UdpWrap() {
  if (attached()) Environment::Of(env_)->streams.Remove(number_);
  if (records_reference_ != nullptr) napi_delete_reference(env_, records_reference_);
}

void UdpWrap::OnClosed() {
  Environment::Of(env_)->streams.Remove(number_);
  HandleClosed();
}

int UdpWrap::ParseAddress(const Napi::CallbackInfo& info, sockaddr_storage* address) {
  std::string text;
  int32_t port = 0;
  if (!ReadString(info.Env(), info[0], &text) || !ReadInteger(info.Env(), info[1], &port)) {
    return UV_EINVAL;
  }
  return Tcp::ParseAddress(text.c_str(), port, address);
}

Napi::Value UdpWrap::Adopt(const Napi::CallbackInfo& info) {
  int32_t descriptor = -1;
  if (udp() == nullptr) return Code(info, UV_EBADF);
  const bool valid = ReadInteger(env_, info[0], &descriptor);
  return Code(info, valid ? udp()->Adopt(descriptor) : UV_EINVAL);
}

Napi::Value UdpWrap::TakeOver(const Napi::CallbackInfo& info) {
  int32_t descriptor = -1;
  if (udp() == nullptr) return Code(info, UV_EBADF);
  if (!ReadInteger(env_, info[0], &descriptor)) return Code(info, UV_EINVAL);
  udp()->TakeOver(descriptor);
  return Code(info, 0);
}

Napi::Value UdpWrap::Bind(const Napi::CallbackInfo& info) {
  if (udp() == nullptr) return Code(info, UV_EBADF);
  sockaddr_storage address{};
  bool reuse_port = false;
  const int error = ParseAddress(info, &address);
  ReadBoolean(env_, info[2], &reuse_port);
  return Code(info, error != 0 ? error : udp()->Bind(address, reuse_port));
}

Napi::Value UdpWrap::Connect(const Napi::CallbackInfo& info) {
  if (udp() == nullptr) return Code(info, UV_EBADF);
  sockaddr_storage address{};
  const int error = ParseAddress(info, &address);
  return Code(info, error != 0 ? error : udp()->Connect(address));
}

Napi::Value UdpWrap::ReceiveStart(const Napi::CallbackInfo& info) {
  return Code(info, udp() == nullptr ? UV_EBADF : Started(udp()->ReceiveStart()));
}

Napi::Value UdpWrap::ReceiveStop(const Napi::CallbackInfo& info) {
  return Code(info, udp() == nullptr ? UV_EBADF : Started(udp()->ReceiveStop()));
}

Napi::Value UdpWrap::SetDestination(const Napi::CallbackInfo& info) {
  if (udp() == nullptr) return Code(info, UV_EBADF);
  sockaddr_storage address{};
  const int error = ParseAddress(info, &address);
  if (error == 0) {
    WriteRecord(reinterpret_cast<const sockaddr*>(&address), record(kDestination));
  }
  return Code(info, error);
}

Napi::Value UdpWrap::SenderOf(const Napi::CallbackInfo& info) {
  int32_t index = 0;
  sockaddr_storage address{};
  if (udp() == nullptr || !ReadInteger(env_, info[0], &index) || index < 0 ||
      static_cast<size_t>(index) >= Udp::kBatch ||
      !ReadRecord(record(static_cast<size_t>(index)), &address)) {
    return info.Env().Undefined();
  }
  return Napi::Value(env_, MakeAddress(env_, reinterpret_cast<const sockaddr*>(&address)));
}

int64_t UdpWrap::Write(napi_value view, size_t size, bool) {
  uv_buf_t bytes;
  if (udp() == nullptr) return UV_EBADF;
  if (!ReadBytes(env_, view, &bytes) || bytes.len < size) return UV_EINVAL;
  bytes.len = size;
  sockaddr_storage storage{};
  const sockaddr_storage* address = ReadRecord(record(kDestination), &storage) ? &storage : nullptr;
  int error = udp()->TrySend(bytes, address);
  if (error != UV_EAGAIN) return error;
  error = Started(udp()->QueueSend(bytes, address));
  return error != 0 ? error : static_cast<int64_t>(size + kHeaderSize);
}

void UdpWrap::OnDatagrams(const Datagram* datagrams, size_t count) {
  for (size_t done = 0; done < count && udp() != nullptr;) {
    if (!dispatch()->Enter()) return;
    const uv_buf_t space = dispatch()->FreeSpace(datagrams[done].size);
    // Without memory datagrams are lost, as they may be.
    if (space.len < datagrams[done].size) return;
    size_t filled = 0;
    size_t described = 0;
    const size_t offset = dispatch()->region().Take(0);
    for (; done < count && filled + datagrams[done].size <= space.len; done++) {
      const Datagram& datagram = datagrams[done];
      std::memcpy(space.base + filled, datagram.base, datagram.size);
      int32_t* words = record(described++);
      words[kSize] = static_cast<int32_t>(datagram.size);
      words[kOffset] = static_cast<int32_t>(offset + filled);
      WriteRecord(datagram.sender, words);
      filled += datagram.size;
    }
    dispatch()->region().Take(filled);
    Report(kReceived, static_cast<int32_t>(described));
  }
}

void UdpWrap::OnSent(int status, size_t size) {
  if (status < 0) Report(kSendFailed, status);
  if (udp() != nullptr) Report(kSent, static_cast<int32_t>(size + kHeaderSize));
}

Napi::Value UdpWrap::SetOption(const Napi::CallbackInfo& info) {
  int32_t option = -1;
  int32_t value = 0;
  if (udp() == nullptr) return Code(info, UV_EBADF);
  if (!ReadInteger(env_, info[0], &option) || !ReadInteger(env_, info[1], &value)) {
    return Code(info, UV_EINVAL);
  }
  switch (option) {
    case kBroadcast:
      return Code(info, uv_udp_set_broadcast(udp()->raw(), value));
    case kTtl:
      return Code(info, uv_udp_set_ttl(udp()->raw(), value));
    case kMulticastTtl:
      return Code(info, uv_udp_set_multicast_ttl(udp()->raw(), value));
    case kMulticastLoopback:
      return Code(info, uv_udp_set_multicast_loop(udp()->raw(), value));
    default:
      return Code(info, UV_EINVAL);
  }
}

Napi::Value UdpWrap::SetMembership(const Napi::CallbackInfo& info) {
  std::string group;
  std::string interface_name;
  bool join = true;
  if (udp() == nullptr) return Code(info, UV_EBADF);
  if (!ReadString(env_, info[0], &group) || !ReadBoolean(env_, info[2], &join)) {
    return Code(info, UV_EINVAL);
  }
  const bool has_interface = ReadString(env_, info[1], &interface_name);
  return Code(info, uv_udp_set_membership(udp()->raw(), group.c_str(),
                                          has_interface ? interface_name.c_str() : nullptr,
                                          join ? UV_JOIN_GROUP : UV_LEAVE_GROUP));
}

Napi::Value UdpWrap::SetMulticastInterface(const Napi::CallbackInfo& info) {
  std::string interface_name;
  if (udp() == nullptr) return Code(info, UV_EBADF);
  if (!ReadString(env_, info[0], &interface_name)) return Code(info, UV_EINVAL);
  return Code(info, uv_udp_set_multicast_interface(udp()->raw(), interface_name.c_str()));
}

Napi::Value UdpWrap::BufferSize(const Napi::CallbackInfo& info) {
  bool receiving = false;
  int32_t size = 0;
  if (udp() == nullptr) return Code(info, UV_EBADF);
  if (!ReadBoolean(env_, info[0], &receiving) || !ReadInteger(env_, info[1], &size) || size < 0) {
    return Code(info, UV_EINVAL);
  }
  auto* handle = reinterpret_cast<uv_handle_t*>(udp()->raw());
  const bool asks = size == 0;
  const int error =
      receiving ? uv_recv_buffer_size(handle, &size) : uv_send_buffer_size(handle, &size);
  return Code(info, error != 0 || !asks ? error : size);
}

Napi::Value UdpWrap::GetSocketName(const Napi::CallbackInfo& info) {
  sockaddr_storage address{};
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  int size = sizeof(address);
  const int error = udp() == nullptr ? UV_EBADF : uv_udp_getsockname(udp()->raw(), raw, &size);
  return error != 0 ? Code(info, error) : Napi::Value(env_, MakeAddress(env_, raw));
}

Napi::Value UdpWrap::GetPeerName(const Napi::CallbackInfo& info) {
  sockaddr_storage address{};
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  int size = sizeof(address);
  const int error = udp() == nullptr ? UV_EBADF : uv_udp_getpeername(udp()->raw(), raw, &size);
  return error != 0 ? Code(info, error) : Napi::Value(env_, MakeAddress(env_, raw));
}

Napi::Value UdpWrap::GetDescriptor(const Napi::CallbackInfo& info) {
#ifdef _WIN32
  return Code(info, UV_ENOTSUP);
#else
  int descriptor = -1;
  const int error = udp() == nullptr
                        ? UV_EBADF
                        : uv_fileno(reinterpret_cast<uv_handle_t*>(udp()->raw()), &descriptor);
  return Code(info, error != 0 ? error : descriptor);
#endif
}

}  // namespace uvio
