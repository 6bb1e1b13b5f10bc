// A connected or listening byte stream: reads, writes, half-close. Base of Tcp and Pipe.
//
// Writes go to the kernel at once as far as it takes them (TryWrite); QueueWrite hands over the
// rest, with whatever keeps its bytes alive, and reports when it has left. Reads land in memory
// that the listener names just before each read. After Close() the listener hears OnClosed and
// nothing else.
#ifndef UVIO_UV_STREAM_H_
#define UVIO_UV_STREAM_H_

#include <uv.h>

#include <cstddef>
#include <memory>

#include "uv/acceptor.h"
#include "uv/handle.h"
#include "uv/socket_io.h"
#include "uv/unique_descriptor.h"

namespace uvio {

class StreamListener : public HandleListener {
 public:
  // Memory for the next read; a length of 0 refuses it. The listener may stop or close the stream
  // here.
  virtual uv_buf_t OnAllocate(size_t suggested) = 0;
  // Bytes read into that memory, or a negative error, UV_EOF among them.
  virtual void OnRead(ssize_t size) = 0;
  // A queued write of `size` bytes has left, or failed with `status`.
  virtual void OnWritten(int status, size_t size) = 0;
  virtual void OnShutdown(int status) = 0;
  virtual void OnConnection(int status) = 0;
  virtual void OnConnected(int status) = 0;
  // Nobody reads any more what this stream writes.
  virtual void OnHangup() = 0;

 protected:
  ~StreamListener() = default;
};

// Keeps the bytes of a queued write alive; destroyed when they have left.
class WriteKeeper {
 public:
  virtual ~WriteKeeper() = default;
};

class Stream : public Handle, private AcceptorListener {
 public:
  // Takes over a descriptor that nobody else has.
  virtual int Open(int descriptor) = 0;
  // Works on a duplicate of a descriptor that others have; see descriptor.h. UV_EPERM when it
  // cannot be waited for.
  int Adopt(int descriptor);
  // Open() for a descriptor of any kind.
  int OpenAny(UniqueDescriptor descriptor);
  // Closes the adopted descriptor itself, too, in the end.
  void TakeOver(int descriptor) { original_ = descriptor; }
  int Descriptor(uv_os_fd_t* descriptor) const;

  int ReadStart();
  int ReadStop();

  // Bytes that the kernel took now, 0 when it takes none or earlier writes are queued, or an error.
  ssize_t TryWrite(const uv_buf_t* buffers, unsigned count);
  int QueueWrite(const uv_buf_t* buffers, unsigned count, std::unique_ptr<WriteKeeper> keeper);

  // Sends FIN after everything queued.
  int Shutdown();

  // Call it again to resume after an error of accepting, or after ListenStop().
  int Listen(int backlog);
  // Leaves connections in the kernel's queue.
  int ListenStop();
  int Accept(Stream* client);

 protected:
  // `is_socket`: the descriptor takes socket calls, which a pipe or a tty does not.
  Stream(uv_stream_t* raw, StreamListener* listener, bool is_socket)
      : Handle(AsHandle(raw), listener),
        raw_(raw),
        listener_(listener),
        direct_(kDirectSocketIo && is_socket) {}

  StreamListener* listener() { return closing() ? nullptr : listener_; }
  void DropListener() override { listener_ = nullptr; }
  void OnClosing() override;
  // What is not a socket had as much to read as a pipe holds, or no room for a write.
  virtual void OnFull() {}

  static Stream* Of(uv_stream_t* raw) { return static_cast<Stream*>(From(AsHandle(raw))); }

 private:
  void OnAccepted(int status) override;
  void Allocate(size_t suggested, uv_buf_t* buffer);
  void Read(ssize_t size);
  void ReceiveAll();
  bool FindDescriptor();

  static uv_handle_t* AsHandle(uv_stream_t* raw) { return reinterpret_cast<uv_handle_t*>(raw); }

  uv_stream_t* raw_;
  StreamListener* listener_;
  bool direct_;
  bool reading_ = false;
  uv_os_fd_t descriptor_{};
  bool has_descriptor_ = false;
  // What was taken over, or -1.
  int original_ = -1;
#ifdef UVIO_HAS_ACCEPTOR
  Acceptor* acceptor_ = nullptr;
#else
  bool taken_ = false;
#endif
  // libuv calls its read callback after every allocation, even if it has been taken away meanwhile;
  // so what the listener wants while it allocates is done in the read callback that follows.
  bool allocating_ = false;
  bool stop_wanted_ = false;
};

}  // namespace uvio

#endif  // UVIO_UV_STREAM_H_
