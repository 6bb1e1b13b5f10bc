// A queue that any thread puts into and one thread empties: multiple producers, single consumer.
//
// Lock-free: the items are a list that grows at its head by compare-and-swap; the consumer takes
// the whole list and turns it round. Since nobody takes a single item, an item that comes back at
// the same address does no harm. Items are linked through their own `next`; the queue does not own
// them. Invariant: an item that is pushed onto a queue whose consumer sleeps is told so, and one
// alone until the consumer has looked: a consumer that is awake looks again before it sleeps. After
// Close() nothing gets in; what had got in was taken, or is returned by it.
#ifndef UVIO_BASE_MPSC_QUEUE_H_
#define UVIO_BASE_MPSC_QUEUE_H_

#include <atomic>

namespace uvio {

enum class Pushed { kToOneAsleep, kToOneAwake, kToNobody };

template <typename Item>
class MpscQueue {
 public:
  MpscQueue() = default;
  MpscQueue(const MpscQueue&) = delete;
  MpscQueue& operator=(const MpscQueue&) = delete;

  // Any thread. The item is the consumer's from here on, unless the queue was closed (kToNobody).
  Pushed Push(Item* item) {
    Item* head = head_.load(std::memory_order_relaxed);
    do {
      if (head == Closed()) return Pushed::kToNobody;
      item->next = head == Awake() ? nullptr : head;
    } while (!head_.compare_exchange_weak(head, item, std::memory_order_release,
                                          std::memory_order_relaxed));
    return head == nullptr ? Pushed::kToOneAsleep : Pushed::kToOneAwake;
  }

  // The consumer, who is awake from here on. All items, the oldest first.
  Item* TakeAll() { return Listed(head_.exchange(Awake(), std::memory_order_acquire)); }

  // The consumer: true when it may sleep, false when there are items.
  bool Sleep() {
    Item* head = Awake();
    return head_.compare_exchange_strong(head, nullptr, std::memory_order_relaxed) ||
           head == nullptr;
  }

  // The consumer, once, and nothing of it afterwards. The items that were not taken.
  Item* Close() { return Listed(head_.exchange(Closed(), std::memory_order_acquire)); }

  bool empty() const {
    const Item* head = head_.load(std::memory_order_relaxed);
    return head == nullptr || head == Awake();
  }

 private:
  // Heads that are no items: addresses that no item has. Null is the empty list of one asleep.
  Item* Awake() const { return reinterpret_cast<Item*>(&marks_[0]); }
  Item* Closed() const { return reinterpret_cast<Item*>(&marks_[1]); }

  Item* Listed(Item* item) const {
    Item* reversed = nullptr;
    while (item != nullptr && item != Awake()) {
      Item* next = item->next;
      item->next = reversed;
      reversed = item;
      item = next;
    }
    return reversed;
  }

  std::atomic<Item*> head_{nullptr};
  mutable char marks_[2] = {};
};

}  // namespace uvio

#endif  // UVIO_BASE_MPSC_QUEUE_H_
