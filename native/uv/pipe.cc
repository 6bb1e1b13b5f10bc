// A unix socket or one end of a pipe; see pipe.h.
#include "uv/pipe.h"

#ifndef _WIN32
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#endif

#include <memory>
#include <utility>

#include "uv/unix_address.h"

namespace uvio {

int Pipe::Create(Loop* loop, StreamListener* listener, Pipe** pipe) {
  std::unique_ptr<Pipe, void (*)(Pipe*)> created(new Pipe(listener),
                                                 [](Pipe* self) { delete self; });
  const int error = uv_pipe_init(loop->raw(), &created->pipe_, 0);
  if (error == 0) *pipe = created.release();
  return error;
}

int Pipe::Open(int descriptor) { return uv_pipe_open(&pipe_, descriptor); }

int Pipe::AdoptEnd(int descriptor, bool writes) {
  int error = Adopt(descriptor);
  if (error != 0) return error;
  auto* raw = reinterpret_cast<uv_stream_t*>(&pipe_);
  if ((writes ? uv_is_writable(raw) : uv_is_readable(raw)) == 0) return UV_EBADF;
  const uv_handle_type type = uv_guess_handle(descriptor);
  const bool tells = type == UV_NAMED_PIPE || type == UV_TCP;
  if (!writes || !tells) return 0;
  int duplicate;
  error = DuplicateDescriptor(descriptor, &duplicate);
  if (error != 0) return error;
  return Hangup::Create(pipe_.loop, UniqueDescriptor(duplicate), this, &hangup_);
}

int Pipe::OpenEnd(UniqueDescriptor descriptor, UniqueDescriptor duplicate) {
  const int error = OpenAny(std::move(descriptor));
  capacity_.Allow();
  if (error != 0 || duplicate.get() < 0) return error;
  return Hangup::Create(pipe_.loop, std::move(duplicate), this, &hangup_);
}

int Pipe::WatchHangup() { return hangup_ == nullptr ? 0 : hangup_->Start(); }

void Pipe::OnHangup() {
  if (listener() != nullptr) listener()->OnHangup();
}

void Pipe::OnFull() {
  uv_os_fd_t descriptor;
  if (Descriptor(&descriptor) == 0) capacity_.Grow(descriptor);
}

void Pipe::OnClosing() {
  if (hangup_ != nullptr) std::exchange(hangup_, nullptr)->Abandon();
  Stream::OnClosing();
}

#ifndef _WIN32

namespace {

int MakeSocket() {
#ifdef __linux__
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
  const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
  if (descriptor >= 0) {
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
  }
#endif
  return descriptor < 0 ? -errno : descriptor;
}

// `get` is getsockname() or getpeername().
template <typename Get>
int NameOf(const Pipe& pipe, std::string* name, Get get) {
  uv_os_fd_t descriptor;
  const int error = pipe.Descriptor(&descriptor);
  if (error != 0) return error;
  sockaddr_un address{};
  socklen_t size = sizeof(address);
  if (get(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return -errno;
  *name = UnixName(address, size);
  return 0;
}

// `assign` is bind() or connect().
template <typename Assign>
int OpenSocket(Pipe* pipe, const uv_buf_t& name, Assign assign) {
  sockaddr_un address{};
  socklen_t size = 0;
  int error = FillUnixAddress(name, &address, &size);
  if (error != 0) return error;
  const int descriptor = MakeSocket();
  if (descriptor < 0) return descriptor;
  if (assign(descriptor, reinterpret_cast<const sockaddr*>(&address), size) != 0) error = -errno;
  if (error == 0) error = pipe->Open(descriptor);
  if (error != 0) close(descriptor);
  return error;
}

}  // namespace

int Pipe::Bind(const uv_buf_t& name) { return OpenSocket(this, name, bind); }

int Pipe::Connect(const uv_buf_t& name) { return OpenSocket(this, name, connect); }

int Pipe::GetSocketName(std::string* name) const { return NameOf(*this, name, getsockname); }

int Pipe::GetPeerName(std::string* name) const { return NameOf(*this, name, getpeername); }

#else

int Pipe::Bind(const uv_buf_t&) { return UV_ENOTSUP; }
int Pipe::Connect(const uv_buf_t&) { return UV_ENOTSUP; }
int Pipe::GetSocketName(std::string*) const { return UV_ENOTSUP; }
int Pipe::GetPeerName(std::string*) const { return UV_ENOTSUP; }

#endif  // !_WIN32

}  // namespace uvio
