// How the dedicated loop gets its turns; see driver.h.
#include "uv/driver.h"

#include "base/check.h"

namespace uvio {

namespace {

// A turn ends after this long even if callbacks are ready, so that the host's own timers and
// sockets are served. A millisecond is what Node's timers can resolve.
constexpr uint64_t kTurnBudget = 1000000;  // ns

// Under load a turn lingers this long for the next event before the host may sleep: going to sleep
// and being woken costs more. A loop that slept longer than this before the turn is not under load,
// and one without handles and timers has nothing to linger for.
constexpr uint64_t kLinger = 10000;  // ns

}  // namespace

int Driver::Create(uv_loop_t* host_loop, TurnHost* host, Driver** driver) {
  auto* created = new Driver(host);
  int error = created->loop_.Init();
  if (error != 0) {
    delete created;
    return error;
  }
  error = Timer::Create(&created->loop_, created, &created->timer_);
  if (error == 0) {
    error = created->backend_.Init(
        host_loop, &created->loop_, [](auto* raw, auto...) { From(raw->data)->Turn(); }, created);
    if (error != 0) created->timer_->Abandon();
  }
  if (error != 0) {
    UVIO_CHECK(created->loop_.TryClose());
    delete created;
    return error;
  }
  UVIO_CHECK(uv_idle_init(host_loop, &created->idle_) == 0);
  created->idle_.data = created;
  created->open_host_handles_ = 2;
  created->turn_ended_ = Loop::Now();
  created->backend_.Start();
  uv_unref(created->backend_.handle());
  *driver = created;
  return 0;
}

void Driver::RequestTurn() {
  if (in_turn_ || closing_) return;
  uv_idle_start(&idle_, [](uv_idle_t* raw) { From(raw->data)->Turn(); });
}

void Driver::Turn() {
  if (in_turn_) return;
  if (closing_) return TurnOfClosing();
  in_turn_ = true;
  uv_idle_stop(&idle_);
  loop_.turns++;
  const uint64_t started = Loop::Now();
  const bool busy = started - turn_ended_ < kLinger;
  bool more = true;
  while (more) {
    bool poll = true;
    bool unfinished = true;
    while (unfinished) {
      if (!host_->OpenScope()) return Halt();
      if (poll) Poll(started);
      poll = false;
      unfinished = host_->RunReady();
      host_->CloseScope();
    }
    const bool ready = host_->EndRound();
    more = ready || loop_.NeedsPoll();
    if (Loop::Now() - started > kTurnBudget) break;
    if (!more) more = busy && IsAlive() && loop_.BecomesReadable(kLinger);
  }
  turn_ended_ = Loop::Now();
  loop_.busy += turn_ended_ - started;
  in_turn_ = false;
  if (close_after_turn_) return Close();
  Settle(more);
}

void Driver::Poll(uint64_t turn_started) {
  const uint64_t deadline = deadline_;
  if (deadline == 0 || turn_started < deadline) return loop_.Poll();
  // Polled once, the deadline has passed: whatever was late about it is told once.
  deadline_ = 0;
  const uint64_t callbacks = loop_.callbacks.count();
  loop_.Poll();
  const uint64_t wanted = deadline > turn_ended_ ? deadline - turn_ended_ : 0;
  host_->OnLateTurn(wanted, turn_started - turn_ended_, loop_.callbacks.count() - callbacks);
}

void Driver::Halt() {
  // JavaScript is being terminated; its clean-up closes the loop. Until then nothing must wake us.
  backend_.Stop();
  in_turn_ = false;
  if (close_after_turn_) Close();
}

bool Driver::IsAlive() {
  // The timer's handle is referenced inside the loop so that libuv always polls; a loop with no
  // active handle is skipped by uv_run, and a stopped socket that stays readable would spin. To the
  // host only an armed deadline is work.
  timer_->SetReferenced(false);
  const bool alive = timer_->armed() || uv_loop_alive(loop_.raw()) != 0;
  timer_->SetReferenced(true);
  return alive;
}

void Driver::Settle(bool more) {
  if (IsAlive()) {
    uv_ref(backend_.handle());
  } else {
    uv_unref(backend_.handle());
  }
  if (more) {
    RequestTurn();
  } else {
    backend_.Rearm();
  }
}

void Driver::Close() {
  if (closing_) return;
  if (in_turn_) {
    close_after_turn_ = true;
    return;
  }
  closing_ = true;
  uv_idle_stop(&idle_);
  timer_->Abandon();
  loop_.CloseHandles();
  TurnOfClosing();
}

void Driver::TurnOfClosing() {
  // uv_loop_close closes the backend, which must not be polled by then.
  backend_.Stop();
  if (loop_.TryClose()) return CloseHostHandles();
  // A request is still out on a libuv thread, or with Windows. Its completion wakes the host.
  backend_.Start();
  uv_ref(backend_.handle());
}

void Driver::OnDeadline() { host_->OnDeadline(); }

void Driver::CloseHostHandles() {
  const auto closed = [](uv_handle_t* raw) {
    Driver* self = From(raw->data);
    if (--self->open_host_handles_ > 0) return;
    TurnHost* host = self->host_;
    delete self;
    host->OnDriverClosed();
  };
  uv_close(reinterpret_cast<uv_handle_t*>(&idle_), closed);
  backend_.End();
  uv_close(backend_.handle(), closed);
}

}  // namespace uvio
