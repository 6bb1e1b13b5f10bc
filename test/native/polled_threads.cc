// Drivers on the polled backend, whose threads are woken, stopped and ended at any moment: for
// ThreadSanitizer.
//
// Usage: polled_threads SECONDS. Two hosts make a driver, answer what another thread asks for, and
// close it again and again: an event, a deadline that is set within a turn, one that is set outside
// of it and is earlier than the one the thread waits for. Guards: none of these is lost (nothing
// else would wake the host), and a driver is closed in a turn, outside of one, and with work still
// out on libuv's threads. Prints the counts; the exit code is 1 when an answer stays away.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <random>
#include <thread>

#include "uv/driver.h"

namespace {

using uvio::Driver;
using uvio::Loop;
using Random = std::minstd_rand;

constexpr uint64_t kMillisecond = 1000000;  // ns
constexpr auto kPatience = std::chrono::seconds(20);

enum Kind { kEvent, kDeadline, kEarlierDeadline, kAnswered, kClose, kCloseOutside };

std::atomic<int> answers[kAnswered];
std::atomic<int> closed{0};

class Bell final : public uvio::Handle {
 public:
  using Callback = void (*)(void* data);

  Bell(Loop* loop, Callback callback, void* data)
      : Handle(reinterpret_cast<uv_handle_t*>(&async_), nullptr), callback_(callback), data_(data) {
    uv_async_init(loop->raw(), &async_, [](uv_async_t* raw) {
      auto* self = static_cast<Bell*>(From(reinterpret_cast<uv_handle_t*>(raw)));
      self->callback_(self->data_);
    });
  }
  void Ring() { uv_async_send(&async_); }

 private:
  void DropListener() override {}

  uv_async_t async_;
  Callback callback_;
  void* data_;
};

class Host final : private uvio::TurnHost {
 public:
  explicit Host(unsigned seed) : random_(seed) {}

  void Live() {
    uv_loop_init(&host_);
    uv_timer_init(&host_, &outside_);
    outside_.data = this;
    if (Driver::Create(&host_, this, &driver_) != 0) std::abort();
    bell_ = new Bell(
        driver_->loop(), [](void* self) { static_cast<Host*>(self)->OnEvent(); }, this);
    driver_->RequestTurn();
    std::thread asking([this, seed = random_()] { Ask(Random(seed)); });
    uv_run(&host_, UV_RUN_DEFAULT);
    asking.join();
    if (driver_ != nullptr || uv_loop_close(&host_) != 0) std::abort();
    closed++;
  }

 private:
  // On another thread.
  void Ask(Random random) {
    for (unsigned left = random() % 50; left > 0; left--) {
      const int kind = static_cast<int>(random() % kAnswered);
      if (random() % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 500));
      std::unique_lock<std::mutex> lock(mutex_);
      answered_ = false;
      kind_ = kind;
      bell_->Ring();
      if (!heard_.wait_for(lock, kPatience, [this] { return answered_; })) {
        std::printf("no answer to %d\n", kind);
        std::exit(1);
      }
    }
    kind_ = random() % 2 == 0 ? kClose : kCloseOutside;
    bell_->Ring();
  }

  void Answer(int kind) {
    answers[kind]++;
    const std::lock_guard<std::mutex> lock(mutex_);
    answered_ = true;
    heard_.notify_all();
  }

  void OnEvent() {
    const int kind = kind_.exchange(kAnswered);
    asked_ = kind;
    if (kind == kEvent) return Answer(kind);
    if (kind == kDeadline) return Wait(random_() % 3 * kMillisecond);
    if (kind == kClose) return Close();
    // The host is to sleep until then, and the thread to wait for longer.
    if (kind == kEarlierDeadline) Wait(3600000 * kMillisecond);
    const auto later = [](uv_timer_t* raw) { static_cast<Host*>(raw->data)->Outside(); };
    if (kind != kAnswered) uv_timer_start(&outside_, later, random_() % 3, 0);
  }

  void Outside() {
    if (asked_ == kCloseOutside) return Close();
    Wait(random_() % 3 * kMillisecond);
  }

  void Wait(uint64_t nanoseconds) { driver_->SetDeadline(Loop::Now() + nanoseconds); }

  void Close() {
    const auto nap = [](uv_work_t*) { std::this_thread::sleep_for(std::chrono::milliseconds(1)); };
    if (random_() % 4 == 0) {
      uv_queue_work(driver_->loop()->raw(), &work_, nap, [](uv_work_t*, int) {});
    }
    driver_->Close();
    uv_close(reinterpret_cast<uv_handle_t*>(&outside_), nullptr);
  }

  bool OpenScope() override { return true; }
  void CloseScope() override {}
  bool RunReady() override { return false; }
  void OnLateTurn(uint64_t, uint64_t, uint64_t) override {}
  bool EndRound() override { return false; }
  void OnDeadline() override { Answer(asked_); }
  void OnDriverClosed() override { driver_ = nullptr; }

  Random random_;
  uv_loop_t host_;
  uv_timer_t outside_;
  uv_work_t work_;
  Driver* driver_ = nullptr;
  Bell* bell_ = nullptr;
  int asked_ = kAnswered;

  std::atomic<int> kind_{kAnswered};
  std::mutex mutex_;
  std::condition_variable heard_;
  bool answered_ = false;
};

}  // namespace

int main(int count, char** words) {
  const double seconds = count > 1 ? std::atof(words[1]) : 1;
  std::atomic<bool> stopped{false};
  const auto live = [&stopped](unsigned seed) {
    Host host(seed);
    while (!stopped) host.Live();
  };
  std::thread first(live, 1);
  std::thread second(live, 2);
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stopped = true;
  first.join();
  second.join();
  std::printf("{\"events\":%d,\"deadlines\":%d,\"earlier\":%d,\"closed\":%d}\n",
              answers[kEvent].load(), answers[kDeadline].load(), answers[kEarlierDeadline].load(),
              closed.load());
  return 0;
}
