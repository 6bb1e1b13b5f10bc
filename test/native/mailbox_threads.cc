// Mailboxes under threads that open, write, wait and close at the same time: for ThreadSanitizer.
//
// Usage: mailbox_threads SECONDS. Four owners open a mailbox, run what comes, and close it again
// and again; four callers, whose mailboxes stay open, find them, write to them, cancel and wait for
// answers. Guards: what was posted was run or came back; every request ended, by its answer or with
// the mailbox it went to. Prints the counts; the exit code is 1 when they do not agree.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "base/mailbox.h"

namespace {

using std::chrono::steady_clock;
using uvio::Letter;
using uvio::LetterOwner;
using uvio::Mailbox;

constexpr int kOwners = 4;
constexpr int kCallers = 4;

std::atomic<int32_t> addresses[kOwners];
std::atomic<int64_t> ran{0};
std::atomic<bool> stopped{false};
std::atomic<bool> owners_gone{false};

class CountingBell final : public uvio::Bell {
 public:
  void Ring() override { rings_++; }

 private:
  // Not atomic: the mailbox must keep two threads from ringing at once.
  int64_t rings_ = 0;
};

LetterOwner Make(Letter::Kind kind, int64_t call, const char* text) {
  auto letter = std::make_unique<Letter>();
  letter->kind = kind;
  letter->call = call;
  letter->text = text;
  return letter;
}

void Own(int number) {
  std::minstd_rand random(static_cast<unsigned>(number) + 1);
  while (!stopped) {
    CountingBell bell;
    const std::shared_ptr<Mailbox> mailbox = Mailbox::Open(&bell);
    addresses[number] = mailbox->address();
    const unsigned life = random() % 200;
    for (unsigned turn = 0; turn < life; turn++) {
      mailbox->Wait(std::chrono::duration<double, std::milli>(0.2));
      mailbox->Take();
      while (mailbox->NextNotice() != nullptr) {
      }
      // Some calls are left for the next turn, or for Close().
      for (unsigned n = random() % 16; n > 0; n--) {
        const Letter* call = mailbox->NextCall();
        if (call == nullptr) break;
        if (call->kind == Letter::kCall) {
          ran++;
        } else if (mailbox->Attach(call->from)) {
          mailbox->Post(call->from, Make(Letter::kResult, call->call, call->text.c_str()));
        }
      }
      mailbox->EndCall();
    }
    mailbox->Close();
  }
  addresses[number] = 0;
}

struct Counts {
  int64_t posted = 0;
  int64_t returned = 0;
  int64_t requested = 0;
  int64_t answered = 0;
  int64_t ended = 0;
};

class Caller {
 public:
  explicit Caller(int number) : random_(static_cast<unsigned>(number) + 100) {}

  void Run() {
    CountingBell bell;
    const std::shared_ptr<Mailbox> mailbox = Mailbox::Open(&bell);
    while (!stopped) {
      const int32_t address = addresses[random_() % kOwners];
      if (mailbox->Attach(address)) Write(mailbox.get(), address);
      if (random_() % 8 == 0) mailbox->Wait(std::chrono::duration<double, std::milli>(0.5));
      Read(mailbox.get());
    }
    while (!owners_gone) {
      mailbox->Wait(std::chrono::duration<double, std::milli>(5));
      Read(mailbox.get());
    }
    Read(mailbox.get());
    mailbox->Close();
  }

  Counts counts;

 private:
  void Write(Mailbox* mailbox, int32_t address) {
    for (unsigned n = random_() % 20; n > 0; n--) {
      if (random_() % 4 != 0) {
        if (mailbox->Post(address, Make(Letter::kCall, 0, "a call"))) counts.posted++;
        continue;
      }
      const int64_t call = ++last_;
      if (!mailbox->Post(address, Make(Letter::kRequest, call, "a request"))) continue;
      counts.requested++;
      requests_[call] = address;
      if (random_() % 4 == 0) mailbox->Post(address, Make(Letter::kCancel, call, ""));
    }
  }

  void Read(Mailbox* mailbox) {
    mailbox->Take();
    while (const LetterOwner letter = mailbox->NextNotice()) {
      if (letter->kind == Letter::kReturned) counts.returned++;
      if (letter->kind == Letter::kResult) counts.answered += requests_.erase(letter->call);
      if (letter->kind != Letter::kClosed) continue;
      for (auto each = requests_.begin(); each != requests_.end();) {
        const bool is_of_it = each->second == letter->from;
        counts.ended += is_of_it;
        each = is_of_it ? requests_.erase(each) : std::next(each);
      }
    }
  }

  std::minstd_rand random_;
  int64_t last_ = 0;
  std::map<int64_t, int32_t> requests_;
};

long long Wide(int64_t number) { return number; }

}  // namespace

int main(int count, char** words) {
  const double seconds = count > 1 ? std::atof(words[1]) : 1;
  std::vector<std::thread> owners;
  std::vector<std::thread> threads;
  std::vector<Caller> callers;
  for (int number = 0; number < kCallers; number++) callers.emplace_back(number);
  for (int number = 0; number < kOwners; number++) owners.emplace_back(Own, number);
  for (Caller& caller : callers) threads.emplace_back([&caller] { caller.Run(); });
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stopped = true;
  for (std::thread& owner : owners) owner.join();
  owners_gone = true;
  for (std::thread& thread : threads) thread.join();
  Counts all;
  for (const Caller& caller : callers) {
    all.posted += caller.counts.posted;
    all.returned += caller.counts.returned;
    all.requested += caller.counts.requested;
    all.answered += caller.counts.answered;
    all.ended += caller.counts.ended;
  }
  std::printf("{\"posted\":%lld,\"ran\":%lld,\"returned\":%lld,", Wide(all.posted), Wide(ran),
              Wide(all.returned));
  std::printf("\"requested\":%lld,\"answered\":%lld,\"ended\":%lld}\n", Wide(all.requested),
              Wide(all.answered), Wide(all.ended));
  const bool agree = all.posted == ran + all.returned && all.requested == all.answered + all.ended;
  return agree ? 0 : 1;
}
