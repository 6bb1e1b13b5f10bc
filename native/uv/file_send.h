// Sends a piece of a file to a socket or a pipe on one of libuv's threads: sendfile().
//
// The system reads the file's pages from the disk in that call, which may take any time, so the
// loop's thread does not make it. The thread works on duplicates: whoever closes the descriptors
// meanwhile, it never sends to, or from, what has taken their numbers. A FileSend owns itself from
// its start until it has been answered.
#ifndef UVIO_UV_FILE_SEND_H_
#define UVIO_UV_FILE_SEND_H_

#include <uv.h>

#include <cstddef>
#include <cstdint>

#include "uv/loop.h"

namespace uvio {

class FileSendListener {
 public:
  // `sent` counts bytes: 0 at the end of the file; or it is a negative libuv code when nothing was
  // sent, UV_EAGAIN among them. `blocked`: nothing more can be sent before `target` is writable.
  // The FileSend is gone after.
  virtual void OnFileSent(ssize_t sent, bool blocked) = 0;

 protected:
  ~FileSendListener() = default;
};

class FileSend {
 public:
  // The most that one of them sends, so that no thread is held up by one receiver.
  static constexpr size_t kLargest = size_t{4} * 1024 * 1024;

  FileSend(const FileSend&) = delete;
  FileSend& operator=(const FileSend&) = delete;

  // UV_ENOSYS where the system has no such call.
  static int Start(Loop* loop, int target, int file, int64_t offset, size_t size,
                   FileSendListener* listener, FileSend** send);

  // Does not begin if it has not begun yet: OnFileSent(UV_ECANCELED) follows.
  void Stop() { uv_cancel(reinterpret_cast<uv_req_t*>(&work_)); }
  // The listener goes away.
  void Abandon();

 private:
  FileSend(int64_t offset, size_t size, FileSendListener* listener)
      : offset_(offset), left_(size < kLargest ? size : kLargest), listener_(listener) {}
  ~FileSend();

  void Run();

  uv_work_t work_{};
  int target_ = -1;
  int file_ = -1;
  [[maybe_unused]] int64_t offset_;
  [[maybe_unused]] size_t left_;
  FileSendListener* listener_;
  [[maybe_unused]] ssize_t sent_ = 0;
  [[maybe_unused]] bool blocked_ = false;
};

}  // namespace uvio

#endif  // UVIO_UV_FILE_SEND_H_
