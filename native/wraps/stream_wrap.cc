// What every JavaScript class over a Stream shares; see stream_wrap.h.
#include "wraps/stream_wrap.h"

#include <cstring>
#include <utility>

#include "wraps/loop_wrap.h"

namespace uvio {

namespace {

// Up to this size the unwritten rest is copied, which frees the writer's memory at once; above it
// the bytes themselves are kept alive, which costs a reference.
constexpr size_t kCopyLimit = 4096;

class CopiedBytes final : public WriteKeeper {
 public:
  CopiedBytes(const uv_buf_t* buffers, size_t count) {
    for (size_t index = 0; index < count; index++) size_ += buffers[index].len;
    memory_.reset(new char[size_]);
    size_t offset = 0;
    for (size_t index = 0; index < count; index++) {
      std::memcpy(memory_.get() + offset, buffers[index].base, buffers[index].len);
      offset += buffers[index].len;
    }
  }

  uv_buf_t bytes() const {
    uv_buf_t whole;
    whole.base = memory_.get();
    whole.len = size_;
    return whole;
  }

 private:
  std::unique_ptr<char[]> memory_;
  size_t size_ = 0;
};

class ReferencedValue final : public WriteKeeper {
 public:
  ReferencedValue(napi_env env, napi_value value) : env_(env) {
    napi_create_reference(env, value, 1, &reference_);
  }
  ReferencedValue(const ReferencedValue&) = delete;
  ReferencedValue& operator=(const ReferencedValue&) = delete;
  ~ReferencedValue() override { napi_delete_reference(env_, reference_); }

 private:
  napi_env env_;
  napi_ref reference_ = nullptr;
};

}  // namespace

void StreamWrap::Register(Napi::Env env, Napi::Object exports) {
  const auto write = [](napi_env env, napi_callback_info info) -> napi_value {
    napi_value values[4];
    size_t count = 4;
    void* environment = nullptr;
    uint32_t number = 0;
    int64_t size = 0;
    bool copy = false;
    if (napi_get_cb_info(env, info, &count, values, nullptr, &environment) != napi_ok ||
        napi_get_value_uint32(env, values[0], &number) != napi_ok ||
        napi_get_value_int64(env, values[2], &size) != napi_ok || size < 0 ||
        !ReadBoolean(env, values[3], &copy)) {
      return MakeInteger(env, UV_EINVAL);
    }
    WriteTarget* target = static_cast<Environment*>(environment)->streams.Find(number);
    if (target == nullptr) return MakeInteger(env, UV_EBADF);
    const int64_t queued = target->Write(values[1], static_cast<size_t>(size), copy);
    return MakeNumber(env, static_cast<double>(queued));
  };
  napi_value function;
  if (napi_create_function(env, "writeStream", NAPI_AUTO_LENGTH, write, Environment::Of(env),
                           &function) == napi_ok) {
    exports.Set("writeStream", function);
  }
  const auto handle_type = [](const Napi::CallbackInfo& info) -> Napi::Value {
    int32_t descriptor = -1;
    ReadInteger(info.Env(), info[0], &descriptor);
    const char* name = uv_handle_type_name(uv_guess_handle(descriptor));
    return Napi::String::New(info.Env(), name == nullptr ? "unknown" : name);
  };
  exports.Set("handleType", Napi::Function::New(env, handle_type, "handleType"));
}

StreamWrap::StreamWrap(Napi::Value loop, Napi::Value owner)
    : dispatch_(LoopWrap::DispatchOf(loop)), env_(loop.Env()) {
  if (dispatch_ != nullptr && owner.IsObject()) napi_create_reference(env_, owner, 1, &owner_);
}

StreamWrap::~StreamWrap() {
  if (stream_ != nullptr) {
    stream_->Abandon();
    Environment::Of(env_)->streams.Remove(number_);
  }
  if (owner_ != nullptr) napi_delete_reference(env_, owner_);
}

void StreamWrap::Attach(Stream* stream, Napi::Object object) {
  stream_ = stream;
  number_ = Environment::Of(env_)->streams.Add(this);
  object.Set("number", number_);
}

napi_value StreamWrap::OwnerValue() const {
  napi_value owner = nullptr;
  napi_get_reference_value(env_, owner_, &owner);
  return owner;
}

int StreamWrap::Listen(napi_env env, napi_value backlog) {
  int32_t length = 0;
  if (!ReadInteger(env, backlog, &length)) return UV_EINVAL;
  return Started(stream_->Listen(length));
}

int StreamWrap::Accept(StreamWrap* client) {
  if (client == nullptr) return UV_EINVAL;
  if (client->stream_ == nullptr || client->stream_->closing()) return UV_EBADF;
  if (client->dispatch_ != dispatch_) return UV_EINVAL;
  return Started(stream_->Accept(client->stream_));
}

int StreamWrap::Adopt(napi_env env, napi_value descriptor) {
  int32_t number = -1;
  return ReadInteger(env, descriptor, &number) ? stream_->Adopt(number) : UV_EINVAL;
}

int StreamWrap::TakeOver(napi_env env, napi_value descriptor) {
  int32_t number = -1;
  if (!ReadInteger(env, descriptor, &number)) return UV_EINVAL;
  stream_->TakeOver(number);
  return 0;
}

int StreamWrap::SetOwner(napi_env env, napi_value owner) {
  napi_valuetype type;
  napi_ref reference = nullptr;
  if (napi_typeof(env, owner, &type) != napi_ok || type != napi_object ||
      napi_create_reference(env, owner, 1, &reference) != napi_ok) {
    return UV_EINVAL;
  }
  napi_delete_reference(env_, std::exchange(owner_, reference));
  return 0;
}

int StreamWrap::Descriptor() const {
  uv_os_fd_t descriptor;
  const int error = stream_->Descriptor(&descriptor);
#ifdef _WIN32
  return error != 0 ? error : UV_ENOTSUP;
#else
  return error != 0 ? error : descriptor;
#endif
}

int StreamWrap::ReadStart(bool into_protocol_buffer) {
  into_protocol_buffer_ = into_protocol_buffer;
  return Started(stream_->ReadStart());
}

uv_buf_t StreamWrap::OnAllocate(size_t suggested) {
  uv_buf_t bytes = uv_buf_init(nullptr, 0);
  if (into_protocol_buffer_ && !GetProtocolBuffer(suggested, &bytes)) return bytes;
  // getBuffer() may have put a protocol of the other kind in its place.
  allocated_by_protocol_ = into_protocol_buffer_;
  return allocated_by_protocol_ ? bytes : dispatch_->FreeSpace(last_size_);
}

bool StreamWrap::GetProtocolBuffer(size_t suggested, uv_buf_t* bytes) {
  if (!dispatch_->Enter()) return false;
  const napi_value arguments[] = {OwnerValue(), MakeInteger(env_, static_cast<int32_t>(suggested))};
  napi_value buffer;
  return dispatch_->Call(Dispatch::kGetBuffer, 2, arguments, &buffer) &&
         ReadBytes(env_, buffer, bytes);
}

void StreamWrap::OnRead(ssize_t size) {
  if (!dispatch_->Enter()) return;
  napi_value arguments[3] = {OwnerValue(), MakeInteger(env_, static_cast<int32_t>(size))};
  if (allocated_by_protocol_) {
    dispatch_->Call(Dispatch::kBufferUpdated, 2, arguments);
    return;
  }
  last_size_ = size > 0 ? static_cast<size_t>(size) : 0;
  const size_t offset = dispatch_->region().Take(last_size_);
  arguments[2] = MakeInteger(env_, static_cast<int32_t>(offset));
  dispatch_->Call(Dispatch::kRead, 3, arguments);
}

void StreamWrap::OnWritten(int status, size_t size) { Report(kWritten, status, size); }

void StreamWrap::Report(Event event, int status, size_t size) {
  if (!dispatch_->Enter()) return;
  const napi_value arguments[] = {OwnerValue(), MakeInteger(env_, event), MakeInteger(env_, status),
                                  MakeNumber(env_, static_cast<double>(size))};
  dispatch_->Call(Dispatch::kStreamEvent, 4, arguments);
}

void StreamWrap::OnClosed() {
  stream_ = nullptr;
  Environment::Of(env_)->streams.Remove(number_);
  napi_delete_reference(env_, owner_);
  owner_ = nullptr;
}

int StreamWrap::Close() {
  stream_->Close();
  return Started(0);
}

int64_t StreamWrap::Write(napi_value view, size_t size, bool copy) {
  uv_buf_t bytes;
  if (stream_->closing()) return UV_EBADF;
  if (!ReadBytes(env_, view, &bytes) || bytes.len < size) return UV_EINVAL;
  bytes.len = size;
  const ssize_t written = stream_->TryWrite(&bytes, 1);
  if (written < 0) return written;
  bytes.base += written;
  bytes.len -= static_cast<size_t>(written);
  return bytes.len == 0 ? 0 : Queue(&bytes, 1, view, copy);
}

int64_t StreamWrap::WriteVector(napi_value list, bool copy) {
  uint32_t count = 0;
  if (napi_get_array_length(env_, list, &count) != napi_ok) return UV_EINVAL;
  std::vector<uv_buf_t> buffers(count);
  for (uint32_t index = 0; index < count; index++) {
    napi_value view;
    if (napi_get_element(env_, list, index, &view) != napi_ok ||
        !ReadBytes(env_, view, &buffers[index])) {
      return UV_EINVAL;
    }
  }
  const ssize_t written = stream_->TryWrite(buffers.data(), count);
  if (written < 0) return written;
  auto taken = static_cast<size_t>(written);
  size_t first = 0;
  while (first < count && taken >= buffers[first].len) taken -= buffers[first++].len;
  if (first == count) return 0;
  buffers[first].base += taken;
  buffers[first].len -= taken;
  // The list keeps all of its members alive.
  return Queue(&buffers[first], count - first, list, copy);
}

int64_t StreamWrap::Queue(const uv_buf_t* buffers, size_t count, napi_value owner, bool copy) {
  size_t size = 0;
  for (size_t index = 0; index < count; index++) size += buffers[index].len;
  int error;
  if (copy || size <= kCopyLimit) {
    auto copied = std::make_unique<CopiedBytes>(buffers, count);
    const uv_buf_t whole = copied->bytes();
    error = stream_->QueueWrite(&whole, 1, std::move(copied));
  } else {
    error = stream_->QueueWrite(buffers, static_cast<unsigned>(count),
                                std::make_unique<ReferencedValue>(env_, owner));
  }
  Started(error);
  return error != 0 ? error : static_cast<int64_t>(size);
}

}  // namespace uvio
