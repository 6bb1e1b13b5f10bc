// Sends a piece of a file; see file_send.h.
#include "uv/file_send.h"

#include "uv/descriptor.h"

#ifdef __linux__
#include <fcntl.h>
#include <sys/sendfile.h>

#include <cerrno>
#endif

#include <memory>

namespace uvio {

FileSend::~FileSend() {
  if (target_ >= 0) CloseDescriptor(target_);
  if (file_ >= 0) CloseDescriptor(file_);
}

void FileSend::Abandon() {
  listener_ = nullptr;
  Stop();
}

#ifdef __linux__

int FileSend::Start(Loop* loop, int target, int file, int64_t offset, size_t size,
                    FileSendListener* listener, FileSend** send) {
  const auto free = [](FileSend* self) { delete self; };
  std::unique_ptr<FileSend, void (*)(FileSend*)> made(new FileSend(offset, size, listener), free);
  made->target_ = fcntl(target, F_DUPFD_CLOEXEC, 0);
  if (made->target_ < 0) return -errno;
  made->file_ = fcntl(file, F_DUPFD_CLOEXEC, 0);
  if (made->file_ < 0) return -errno;
  made->work_.data = made.get();
  const int error = uv_queue_work(
      loop->raw(), &made->work_, [](uv_work_t* work) { static_cast<FileSend*>(work->data)->Run(); },
      [](uv_work_t* work, int status) {
        auto* self = static_cast<FileSend*>(work->data);
        if (self->listener_ != nullptr) {
          self->listener_->OnFileSent(status != 0 ? status : self->sent_, self->blocked_);
        }
        delete self;
      });
  if (error == 0) *send = made.release();
  return error;
}

// On libuv's thread: touches nothing that the loop's thread does.
void FileSend::Run() {
  while (left_ > 0) {
    off_t offset = offset_;
    const ssize_t sent = sendfile(target_, file_, &offset, left_);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) {
      blocked_ = errno == EAGAIN;
      if (sent_ == 0) sent_ = -errno;
    }
    if (sent <= 0) return;
    offset_ += sent;
    left_ -= static_cast<size_t>(sent);
    sent_ += sent;
  }
}

#else

int FileSend::Start(Loop*, int, int, int64_t, size_t, FileSendListener*, FileSend**) {
  return UV_ENOSYS;
}

void FileSend::Run() {}

#endif  // __linux__

}  // namespace uvio
