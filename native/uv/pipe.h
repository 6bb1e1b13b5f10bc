// A unix socket, connected or listening, or one end of a pipe, a FIFO or a terminal: uv_pipe_t.
//
// Unix sockets are bound and connected here and not by libuv, which cuts long names off, knows
// abstract names only in part, and removes the socket's file on closing whoever owns it by then.
// Invariant: as for every Handle, the object frees itself in its close callback.
#ifndef UVIO_UV_PIPE_H_
#define UVIO_UV_PIPE_H_

#include <uv.h>

#include <string>

#include "uv/hangup.h"
#include "uv/loop.h"
#include "uv/pipe_capacity.h"
#include "uv/stream.h"

namespace uvio {

class Pipe final : public Stream, private HangupListener {
 public:
  static int Create(Loop* loop, StreamListener* listener, Pipe** pipe);

  // `name` is a path, or an abstract name (Linux), which begins with a zero byte. UV_ENAMETOOLONG
  // when it does not fit into a socket address.
  int Bind(const uv_buf_t& name);
  // Connects at once or fails: UV_EAGAIN when the server has too many connections to accept.
  int Connect(const uv_buf_t& name);
  int Open(int descriptor) override;

  // As Adopt(), of one end of a pipe; UV_EBADF when it is not open for that direction.
  int AdoptEnd(int descriptor, bool writes);
  // Takes over an end that nobody else has; with a duplicate, one that only writes. The pipe
  // becomes larger when it is full.
  int OpenEnd(UniqueDescriptor descriptor, UniqueDescriptor duplicate);
  // Tells, once, when nobody reads any more what a writing end writes. A terminal never tells.
  int WatchHangup();

  // Empty for a socket without a name.
  int GetSocketName(std::string* name) const;
  int GetPeerName(std::string* name) const;

 private:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see pipe_
  explicit Pipe(StreamListener* listener)
      : Stream(reinterpret_cast<uv_stream_t*>(&pipe_), listener, true) {}

  void OnHangup() override;
  void OnFull() override;
  void OnClosing() override;

  // Not initialized here: Handle's constructor has set its data already.
  uv_pipe_t pipe_;
  Hangup* hangup_ = nullptr;
  PipeCapacity capacity_;
};

}  // namespace uvio

#endif  // UVIO_UV_PIPE_H_
