// What every JavaScript class over a Stream shares: reading, writing, shutting down, closing.
//
// The wrap holds its owner (the transport or server in TypeScript) strongly while the uv handle
// lives, and is held by it; when the handle has closed the owner is let go and both may be
// collected. A wrap collected earlier closes its handle unheard.
#ifndef UVIO_WRAPS_STREAM_WRAP_H_
#define UVIO_WRAPS_STREAM_WRAP_H_

#include <napi.h>

#include <memory>
#include <vector>

#include "bridge/dispatch.h"
#include "bridge/environment.h"
#include "bridge/value.h"
#include "uv/stream.h"

namespace uvio {

class StreamWrap : public StreamListener, private WriteTarget {
 public:
  // writeStream(number, bytes, size, copy): StreamWrap::Write without looking an object up.
  // handleType(descriptor): libuv's name for the kind of stream that it is, as "tcp".
  static void Register(Napi::Env env, Napi::Object exports);

  StreamWrap(const StreamWrap&) = delete;
  StreamWrap& operator=(const StreamWrap&) = delete;

 protected:
  // `loop` is a LoopWrap, `owner` what events are reported to.
  StreamWrap(Napi::Value loop, Napi::Value owner);
  ~StreamWrap();

  // The methods below as properties of a class whose instances are `Wrap`s.
  template <typename Wrap>
  static void AppendMethods(std::vector<Napi::ClassPropertyDescriptor<Wrap>>* properties);

  // Takes the stream over and gives `object` its number.
  void Attach(Stream* stream, Napi::Object object);
  Stream* stream() const { return stream_; }
  Dispatch* dispatch() const { return dispatch_; }

  template <typename Wrap>
  static StreamWrap* ClientOf(napi_env env, napi_value value);

  // Every method that starts or stops a watcher ends with this.
  int Started(int error) {
    dispatch_->driver()->RequestTurn();
    return error;
  }

 private:
  // Kinds of kStreamEvent; contract.ts has the same list.
  enum Event : int32_t { kConnection, kConnected, kWritten, kShutdown, kHangup };

  uv_buf_t OnAllocate(size_t suggested) override;
  void OnRead(ssize_t size) override;
  void OnWritten(int status, size_t size) override;
  void OnShutdown(int status) override { Report(kShutdown, status, 0); }
  void OnConnection(int status) override { Report(kConnection, status, 0); }
  void OnConnected(int status) override { Report(kConnected, status, 0); }
  void OnHangup() override { Report(kHangup, 0, 0); }
  void OnClosed() override;
  void* Owner() const override { return owner_; }

  bool GetProtocolBuffer(size_t suggested, uv_buf_t* bytes);
  // Hands unwritten bytes to the queue: a copy of them, or kept alive by `owner`.
  int64_t Queue(const uv_buf_t* buffers, size_t count, napi_value owner, bool copy);
  void Report(Event event, int status, size_t size);
  napi_value OwnerValue() const;

  int Listen(napi_env env, napi_value backlog);
  int Accept(StreamWrap* client);
  int Adopt(napi_env env, napi_value descriptor);
  int TakeOver(napi_env env, napi_value descriptor);
  int SetOwner(napi_env env, napi_value owner);
  int Descriptor() const;
  int ReadStart(bool into_protocol_buffer);
  int Close();
  int64_t Write(napi_value view, size_t size, bool copy) override;
  int64_t WriteVector(napi_value list, bool copy);

  template <typename Wrap, typename Body>
  static napi_value Run(napi_env env, napi_callback_info info, Body body);

  Dispatch* dispatch_;
  Stream* stream_ = nullptr;
  napi_env env_;
  napi_ref owner_ = nullptr;
  uint32_t number_ = 0;
  bool into_protocol_buffer_ = false;
  // Where the read under way goes, which getBuffer() may change for the next one.
  bool allocated_by_protocol_ = false;
  // As much as the last read brought, the next one may bring, and is not to be cut.
  size_t last_size_ = 0;
};

template <typename Wrap, typename Body>
napi_value StreamWrap::Run(napi_env env, napi_callback_info info, Body body) {
  Arguments<Wrap, 3> arguments(env, info);
  StreamWrap* self = arguments.self();
  if (self == nullptr || self->stream_ == nullptr || self->stream_->closing()) {
    return MakeInteger(env, UV_EBADF);
  }
  return MakeNumber(env, static_cast<double>(body(self, arguments)));
}

// The wrap behind `value` if that is one of the class `Wrap`, else null.
template <typename Wrap>
StreamWrap* StreamWrap::ClientOf(napi_env env, napi_value value) {
  napi_valuetype type;
  bool tagged = false;
  void* data = nullptr;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_object ||
      napi_check_object_type_tag(env, value, &Wrap::kTag, &tagged) != napi_ok || !tagged ||
      napi_unwrap(env, value, &data) != napi_ok) {
    return nullptr;
  }
  return static_cast<Wrap*>(data);
}

template <typename Wrap>
void StreamWrap::AppendMethods(std::vector<Napi::ClassPropertyDescriptor<Wrap>>* properties) {
  using Values = Arguments<Wrap, 3>;
  const auto add = [properties](const char* name, napi_callback method) {
    properties->push_back(Napi::ClassPropertyDescriptor<Wrap>(napi_property_descriptor{
        name, nullptr, method, nullptr, nullptr, nullptr, napi_default_method, nullptr}));
  };
  add("listen", [](napi_env env, napi_callback_info info) {
    return Run<Wrap>(env, info, [env](StreamWrap* self, const Values& values) {
      return self->Listen(env, values[0]);
    });
  });
  add("listenStop", [](napi_env env, napi_callback_info info) {
    return Run<Wrap>(env, info, [](StreamWrap* self, const Values&) {
      return self->Started(self->stream_->ListenStop());
    });
  });
  add("accept", [](napi_env env, napi_callback_info info) {
    return Run<Wrap>(env, info, [env](StreamWrap* self, const Values& values) {
      return self->Accept(ClientOf<Wrap>(env, values[0]));
    });
  });
  add("adopt", [](napi_env env, napi_callback_info info) {
    return Run<Wrap>(env, info, [env](StreamWrap* self, const Values& values) {
      return self->Adopt(env, values[0]);
    });
  });
  add("takeOver", [](napi_env env, napi_callback_info info) {
    return Run<Wrap>(env, info, [env](StreamWrap* self, const Values& values) {
      return self->TakeOver(env, values[0]);
    });
  });
  // setOwner(owner): who hears of events from now on
  add("setOwner", [](napi_env env, napi_callback_info info) {
    return Run<Wrap>(env, info, [env](StreamWrap* self, const Values& values) {
      return self->SetOwner(env, values[0]);
    });
  });
  add("getDescriptor", [](napi_env env, napi_callback_info info) {
    return Run<Wrap>(env, info, [](StreamWrap* self, const Values&) { return self->Descriptor(); });
  });
  // readStart(intoProtocolBuffer)
  add("readStart", [](napi_env env, napi_callback_info info) {
    return Run<Wrap>(env, info, [env](StreamWrap* self, const Values& values) {
      bool into_protocol_buffer = false;
      ReadBoolean(env, values[0], &into_protocol_buffer);
      return self->ReadStart(into_protocol_buffer);
    });
  });
  add("readStop", [](napi_env env, napi_callback_info info) {
    return Run<Wrap>(env, info, [](StreamWrap* self, const Values&) {
      return self->Started(self->stream_->ReadStop());
    });
  });
  // writev(list, copy)
  add("writev", [](napi_env env, napi_callback_info info) {
    return Run<Wrap>(env, info, [env](StreamWrap* self, const Values& values) {
      bool copy = false;
      ReadBoolean(env, values[1], &copy);
      return self->WriteVector(values[0], copy);
    });
  });
  add("shutdown", [](napi_env env, napi_callback_info info) {
    return Run<Wrap>(env, info, [](StreamWrap* self, const Values&) {
      return self->Started(self->stream_->Shutdown());
    });
  });
  // setReferenced(referenced)
  add("setReferenced", [](napi_env env, napi_callback_info info) {
    return Run<Wrap>(env, info, [env](StreamWrap* self, const Values& values) {
      bool referenced = true;
      ReadBoolean(env, values[0], &referenced);
      self->stream_->SetReferenced(referenced);
      return self->Started(0);
    });
  });
  add("close", [](napi_env env, napi_callback_info info) {
    return Run<Wrap>(env, info, [](StreamWrap* self, const Values&) { return self->Close(); });
  });
}

}  // namespace uvio

#endif  // UVIO_WRAPS_STREAM_WRAP_H_
