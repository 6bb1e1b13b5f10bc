// A loop's way to the spawn threads; see spawn_port.h.
#include "uv/spawn_port.h"

#ifndef _WIN32

#include <utility>

#include "base/check.h"
#include "uv/orphanage.h"
#include "uv/spawn_start.h"

namespace uvio {

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): see async_
SpawnPort::SpawnPort(Loop* loop, Spawner* spawner)
    : Handle(reinterpret_cast<uv_handle_t*>(&async_), nullptr), loop_(loop), spawner_(spawner) {}

int SpawnPort::Of(Loop* loop, SpawnPort** port) {
  if (loop->spawn_port == nullptr) {
    Spawner* spawner;
    int error = Orphanage::Open();
    if (error == 0) error = Spawner::Get(&spawner);
    if (error != 0) return error;
    auto* created = new SpawnPort(loop, spawner);
    error = uv_async_init(loop->raw(), &created->async_, [](uv_async_t* raw) {
      static_cast<SpawnPort*>(From(reinterpret_cast<uv_handle_t*>(raw)))->Answer();
    });
    if (error != 0) {
      delete created;
      return error;
    }
    uv_unref(reinterpret_cast<uv_handle_t*>(&created->async_));
    loop->spawn_port = created;
  }
  *port = loop->spawn_port;
  return 0;
}

SpawnRequest* SpawnPort::Start(SpawnPlan plan, SpawnListener* listener) {
  auto request = std::make_unique<SpawnRequest>();
  request->plan = std::move(plan);
  request->listener = listener;
  request->answers = this;
  SpawnRequest* number = request.get();
  if (outstanding_++ == 0) uv_ref(reinterpret_cast<uv_handle_t*>(&async_));
  spawner_->Post(std::move(request));
  return number;
}

bool SpawnPort::Withdraw(SpawnRequest* request) {
  if (!spawner_->Withdraw(request)) return false;
  Settle(1);
  return true;
}

void SpawnPort::Forget(SpawnRequest* request) {
  request->listener = nullptr;
  Withdraw(request);
}

void SpawnPort::Undo(SpawnResult* result) { Orphanage::Take(UndoStart(result)); }

void SpawnPort::Answer() {
  // A listener may withdraw others of these, which are no more in any queue but still here.
  const std::vector<SpawnRequestOwner> answered = spawner_->Take(this);
  Settle(answered.size());
  for (const SpawnRequestOwner& request : answered) {
    if (request->listener == nullptr) {
      Undo(&request->result);
    } else {
      request->listener->OnSpawned(&request->result);
    }
  }
}

void SpawnPort::Settle(size_t count) {
  UVIO_CHECK(outstanding_ >= count);
  outstanding_ -= count;
  if (count != 0 && outstanding_ == 0) uv_unref(reinterpret_cast<uv_handle_t*>(&async_));
}

void SpawnPort::Drop() {
  const std::vector<SpawnRequestOwner> dropped = spawner_->Leave(this);
  Settle(dropped.size());
  for (const SpawnRequestOwner& request : dropped) {
    Undo(&request->result);
    if (request->listener != nullptr) request->listener->OnSpawnDropped();
  }
}

void SpawnPort::OnClosing() {
  loop_->spawn_port = nullptr;
  Drop();
}

}  // namespace uvio

#endif  // !_WIN32
