// A connected or listening byte stream; see stream.h.
#include "uv/stream.h"

#include <utility>

namespace uvio {

namespace {

struct WriteRequest {
  uv_write_t raw;
  std::unique_ptr<WriteKeeper> keeper;
  size_t size;
};

}  // namespace

int Stream::ReadStart() {
  return uv_read_start(
      raw_,
      [](uv_handle_t* raw, size_t suggested, uv_buf_t* buffer) {
        Stream* self = static_cast<Stream*>(From(raw));
        *buffer = self->listener() != nullptr ? self->listener()->OnAllocate(suggested)
                                              : uv_buf_init(nullptr, 0);
        // The listener may have closed the stream instead.
        if (self->closing()) *buffer = uv_buf_init(nullptr, 0);
      },
      [](uv_stream_t* raw, ssize_t size, const uv_buf_t*) {
        Stream* self = Of(raw);
        // 0 is EAGAIN: the memory goes unused.
        if (size != 0 && self->listener() != nullptr) self->listener()->OnRead(size);
      });
}

int Stream::ReadStop() { return uv_read_stop(raw_); }

int Stream::TryWrite(const uv_buf_t* buffers, unsigned count) {
  const int written = uv_try_write(raw_, buffers, count);
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

int Stream::Listen(int backlog) {
  return uv_listen(raw_, backlog, [](uv_stream_t* raw, int status) {
    Stream* self = Of(raw);
    if (self->listener() != nullptr) self->listener()->OnConnection(status);
  });
}

int Stream::Accept(Stream* client) { return uv_accept(raw_, client->raw_); }

}  // namespace uvio
