// A loop's way to the spawn threads: requests go there, answers come back in a turn of the loop.
//
// One for each loop that starts programs, made with the first start. It keeps the loop alive while
// a start is outstanding. Invariant: every request is answered, withdrawn or dropped, once; a child
// that came of one which nobody wants any more is killed and reaped.
#ifndef UVIO_UV_SPAWN_PORT_H_
#define UVIO_UV_SPAWN_PORT_H_

#include <uv.h>

#include <memory>

#include "uv/handle.h"
#include "uv/loop.h"
#include "uv/spawn_plan.h"
#ifndef _WIN32
#include "uv/spawner.h"
#endif

namespace uvio {

class SpawnListener {
 public:
  // The request is gone when this returns.
  virtual void OnSpawned(SpawnResult* result) = 0;
  // The loop is being closed; there will be no answer.
  virtual void OnSpawnDropped() = 0;

 protected:
  ~SpawnListener() = default;
};

struct SpawnRequest;

#ifndef _WIN32

class SpawnPort final : public Handle, private SpawnAnswers {
 public:
  // UV_ENOSYS where children cannot be waited for.
  static int Of(Loop* loop, SpawnPort** port);

  SpawnRequest* Start(SpawnPlan plan, SpawnListener* listener);
  // Takes a request back that has not begun; false when it has, and the listener hears of it.
  bool Withdraw(SpawnRequest* request);
  // The listener is gone; what has started is killed.
  void Forget(SpawnRequest* request);
  // Drops everything that is outstanding; waits for a start that is under way.
  void Drop();
  // Kills a child that was started, and sees to it that it is reaped.
  void Undo(SpawnResult* result);

 private:
  SpawnPort(Loop* loop, Spawner* spawner);
  ~SpawnPort() override = default;

  void Wake() override { uv_async_send(&async_); }
  void Answer();
  void Settle(size_t count);
  void OnClosing() override;
  void DropListener() override {}

  // Not initialized here: Handle's constructor has set its data already.
  uv_async_t async_;
  Loop* loop_;
  Spawner* spawner_;
  size_t outstanding_ = 0;
};

#else

// Where programs cannot be started yet.
class SpawnPort {
 public:
  static int Of(Loop*, SpawnPort**) { return UV_ENOSYS; }
  SpawnRequest* Start(SpawnPlan, SpawnListener*) { return nullptr; }
  bool Withdraw(SpawnRequest*) { return true; }
  void Forget(SpawnRequest*) {}
  void Drop() {}
  void Undo(SpawnResult*) {}
};

#endif  // !_WIN32

}  // namespace uvio

#endif  // UVIO_UV_SPAWN_PORT_H_
