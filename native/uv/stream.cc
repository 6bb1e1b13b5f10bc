// A connected or listening byte stream; see stream.h.
#include "uv/stream.h"

#include <utility>

#include "base/check.h"
#include "uv/descriptor.h"

namespace uvio {

namespace {

// As many as libuv itself takes, so that one busy stream does not starve the others.
constexpr unsigned kReceivesPerEvent = 32;
// As much as a pipe holds.
constexpr size_t kSuggestedSize = size_t{64} * 1024;

struct WriteRequest {
  uv_write_t raw;
  std::unique_ptr<WriteKeeper> keeper;
  size_t size;
};

}  // namespace

bool Stream::FindDescriptor() {
  if (!has_descriptor_) {
    has_descriptor_ = Descriptor(&descriptor_) == 0;
  }
  return has_descriptor_;
}

int Stream::ReadStart() {
  stop_wanted_ = false;
  const bool was_reading = reading_;
  reading_ = true;
  if (was_reading || allocating_) return 0;
  return uv_read_start(
      raw_,
      [](uv_handle_t* raw, size_t suggested, uv_buf_t* buffer) {
        static_cast<Stream*>(From(raw))->Allocate(suggested, buffer);
      },
      [](uv_stream_t* raw, ssize_t size, const uv_buf_t*) { Of(raw)->Read(size); });
}

int Stream::ReadStop() {
  reading_ = false;
  if (!allocating_) return uv_read_stop(raw_);
  stop_wanted_ = true;
  return 0;
}

void Stream::Allocate(size_t suggested, uv_buf_t* buffer) {
  *buffer = uv_buf_init(nullptr, 0);
  // No memory makes libuv call back with UV_ENOBUFS at once: its way of saying that there is
  // something to read.
  if (direct_ && FindDescriptor()) return;
  allocating_ = true;
  Hold();
  if (listener() != nullptr) *buffer = listener()->OnAllocate(suggested);
  if (stop_wanted_ || closing()) *buffer = uv_buf_init(nullptr, 0);
}

void Stream::Read(ssize_t size) {
  if (direct_ && size == UV_ENOBUFS) return ReceiveAll();
  allocating_ = false;
  Release();
  if (closing()) return;
  if (stop_wanted_) {
    stop_wanted_ = false;
    uv_read_stop(raw_);
    return;
  }
  // The end of a terminal comes to its master as this error, or as end-of-file when libuv has read
  // something just before.
  if (size == UV_EIO && FindDescriptor() && IsTerminalMaster(descriptor_)) size = UV_EOF;
  if (size >= static_cast<ssize_t>(kSuggestedSize)) OnFull();
  // 0 is EAGAIN: the memory goes unused.
  if (size != 0 && listener_ != nullptr) listener_->OnRead(size);
}

void Stream::ReceiveAll() {
  for (unsigned count = 0; count < kReceivesPerEvent && reading_; count++) {
    if (listener() == nullptr) return;
    const uv_buf_t buffer = listener_->OnAllocate(kSuggestedSize);
    // The listener may have stopped or closed the stream there.
    if (!reading_ || listener() == nullptr) return;
    if (buffer.len == 0) return listener_->OnRead(UV_ENOBUFS);
    const ssize_t size = SocketReceive(descriptor_, buffer);
    if (size == UV_EAGAIN) return;
    if (size <= 0) {
      ReadStop();
      return listener_->OnRead(size == 0 ? ssize_t{UV_EOF} : size);
    }
    listener_->OnRead(size);
    if (static_cast<size_t>(size) < buffer.len) return;
  }
}

ssize_t Stream::TryWrite(const uv_buf_t* buffers, unsigned count) {
  ssize_t written;
  if (direct_ && count == 1 && uv_stream_get_write_queue_size(raw_) == 0 && FindDescriptor()) {
    written = SocketSend(descriptor_, buffers[0]);
  } else {
    written = uv_try_write(raw_, buffers, count);
    if (count > 0 && written < static_cast<ssize_t>(buffers[0].len)) OnFull();
  }
  return written == UV_EAGAIN ? 0 : written;
}

int Stream::QueueWrite(const uv_buf_t* buffers, unsigned count,
                       std::unique_ptr<WriteKeeper> keeper) {
  size_t size = 0;
  for (unsigned index = 0; index < count; index++) size += buffers[index].len;
  auto* request = new WriteRequest{{}, std::move(keeper), size};
  request->raw.data = request;
  const int error = uv_write(&request->raw, raw_, buffers, count, [](uv_write_t* raw, int status) {
    std::unique_ptr<WriteRequest> done(static_cast<WriteRequest*>(raw->data));
    Stream* self = Of(raw->handle);
    if (self->listener() != nullptr) self->listener()->OnWritten(status, done->size);
  });
  if (error != 0) delete request;
  return error;
}

int Stream::Shutdown() {
  auto* request = new uv_shutdown_t;
  const int error = uv_shutdown(request, raw_, [](uv_shutdown_t* raw, int status) {
    std::unique_ptr<uv_shutdown_t> done(raw);
    Stream* self = Of(raw->handle);
    if (self->listener() != nullptr) self->listener()->OnShutdown(status);
  });
  if (error != 0) delete request;
  return error;
}

int Stream::Adopt(int descriptor) {
  int duplicate;
  const int error = DuplicateDescriptor(descriptor, &duplicate);
  return error != 0 ? error : OpenAny(UniqueDescriptor(duplicate));
}

int Stream::OpenAny(UniqueDescriptor descriptor) {
  int error = CheckWatchable(raw_->loop, descriptor.get());
  if (error == 0) error = Open(descriptor.get());
  if (error != 0) return error;
  // It is libuv's from here on.
  const int opened = descriptor.Release();
  direct_ = kDirectSocketIo && IsSocket(opened);
  return 0;
}

int Stream::Descriptor(uv_os_fd_t* descriptor) const {
  return uv_fileno(reinterpret_cast<const uv_handle_t*>(raw_), descriptor);
}

void Stream::OnAccepted(int status) {
  if (listener() != nullptr) listener()->OnConnection(status);
}

#ifdef UVIO_HAS_ACCEPTOR

int Stream::Listen(int backlog) {
  if (acceptor_ == nullptr) {
    int descriptor;
    int error = Descriptor(&descriptor);
    if (error == 0) error = Acceptor::Create(raw_->loop, descriptor, this, &acceptor_);
    if (error != 0) return error;
  }
  return acceptor_->Start(backlog);
}

int Stream::ListenStop() { return acceptor_ == nullptr ? UV_EINVAL : acceptor_->Stop(); }

int Stream::Accept(Stream* client) {
  if (acceptor_ == nullptr) return UV_EINVAL;
  const int descriptor = acceptor_->TakeAccepted();
  if (descriptor < 0) return descriptor;
  const int error = client->Open(descriptor);
  if (error != 0) CloseDescriptor(descriptor);
  return error;
}

void Stream::OnClosing() {
  if (acceptor_ != nullptr) std::exchange(acceptor_, nullptr)->Abandon();
  uv_os_fd_t descriptor;
  if (original_ >= 0 && Descriptor(&descriptor) == 0) CloseOriginal(original_, descriptor);
}

#else

namespace {

// A connection that the listener did not take: accepted to be closed.
class Refused final : public Handle {
 public:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see tcp_
  explicit Refused(uv_stream_t* server) : Handle(reinterpret_cast<uv_handle_t*>(&tcp_), nullptr) {
    UVIO_CHECK(uv_tcp_init(server->loop, &tcp_) == 0);
    uv_accept(server, reinterpret_cast<uv_stream_t*>(&tcp_));
    Close();
  }

 private:
  void DropListener() override {}

  // Not initialized here: Handle's constructor has set its data already.
  uv_tcp_t tcp_;
};

}  // namespace

int Stream::Listen(int backlog) {
  return uv_listen(raw_, backlog, [](uv_stream_t* raw, int status) {
    Stream* self = Of(raw);
    self->taken_ = false;
    self->OnAccepted(status);
    if (status == 0 && !self->taken_ && !self->closing()) new Refused(raw);
  });
}

int Stream::ListenStop() { return UV_ENOTSUP; }

int Stream::Accept(Stream* client) {
  taken_ = true;
  return uv_accept(raw_, client->raw_);
}

void Stream::OnClosing() {}

#endif  // UVIO_HAS_ACCEPTOR

}  // namespace uvio
