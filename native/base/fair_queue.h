// A queue that several owners share and none of them can fill for the others.
//
// Each owner has a lane; items leave lane by lane in turn, within a lane in the order in which they
// came. Owners are compared by address and never looked at. Not synchronized.
#ifndef UVIO_BASE_FAIR_QUEUE_H_
#define UVIO_BASE_FAIR_QUEUE_H_

#include <algorithm>
#include <deque>
#include <utility>

namespace uvio {

template <typename Item>
class FairQueue {
 public:
  using Items = std::deque<Item>;

  bool empty() const { return lanes_.empty(); }

  void Push(const void* owner, Item item) {
    auto lane = Find(owner);
    if (lane == lanes_.end()) lane = lanes_.insert(lane, Lane{owner, {}});
    lane->items.push_back(std::move(item));
  }

  // The next item in turn. The queue must not be empty.
  Item Pop() {
    Lane lane = std::move(lanes_.front());
    lanes_.pop_front();
    Item item = std::move(lane.items.front());
    lane.items.pop_front();
    if (!lane.items.empty()) lanes_.push_back(std::move(lane));
    return item;
  }

  // Takes everything out that belongs to `owner`.
  Items Remove(const void* owner) {
    Items items;
    const auto lane = Find(owner);
    if (lane == lanes_.end()) return items;
    items = std::move(lane->items);
    lanes_.erase(lane);
    return items;
  }

  // Takes the first item of `owner` out for which `matches`; false when there is none.
  template <typename Matches>
  bool Remove(const void* owner, Matches matches, Item* item) {
    const auto lane = Find(owner);
    if (lane == lanes_.end()) return false;
    const auto found = std::find_if(lane->items.begin(), lane->items.end(), matches);
    if (found == lane->items.end()) return false;
    *item = std::move(*found);
    lane->items.erase(found);
    if (lane->items.empty()) lanes_.erase(lane);
    return true;
  }

 private:
  struct Lane {
    const void* owner;
    Items items;
  };

  typename std::deque<Lane>::iterator Find(const void* owner) {
    return std::find_if(lanes_.begin(), lanes_.end(),
                        [owner](const Lane& lane) { return lane.owner == owner; });
  }

  // None of them empty.
  std::deque<Lane> lanes_;
};

}  // namespace uvio

#endif  // UVIO_BASE_FAIR_QUEUE_H_
