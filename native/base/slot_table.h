// Objects by number, for callers that are too frequent to look an object up in a slower way.
//
// A number is a slot and a generation: when an object is removed its number goes stale, and finds
// nothing even after the slot has been taken by another. The table does not own the objects.
#ifndef UVIO_BASE_SLOT_TABLE_H_
#define UVIO_BASE_SLOT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace uvio {

template <typename T>
class SlotTable {
 public:
  // Numbers are below 2^30, so that JavaScript engines hold them without allocating.
  uint32_t Add(T* object) {
    uint32_t slot;
    if (free_.empty()) {
      slot = static_cast<uint32_t>(entries_.size());
      entries_.push_back(Entry{nullptr, 0});
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    entries_[slot].object = object;
    return Number(slot);
  }

  void Remove(uint32_t number) {
    const uint32_t slot = number % kSlots;
    entries_[slot].object = nullptr;
    entries_[slot].generation = (entries_[slot].generation + 1) % kGenerations;
    free_.push_back(slot);
  }

  T* Find(uint32_t number) const {
    const uint32_t slot = number % kSlots;
    if (slot >= entries_.size() || Number(slot) != number) return nullptr;
    return entries_[slot].object;
  }

 private:
  static constexpr uint32_t kSlots = 1u << 22;
  static constexpr uint32_t kGenerations = 1u << 8;

  struct Entry {
    T* object;
    uint32_t generation;
  };

  uint32_t Number(uint32_t slot) const { return entries_[slot].generation * kSlots + slot; }

  std::vector<Entry> entries_;
  std::vector<uint32_t> free_;
};

}  // namespace uvio

#endif  // UVIO_BASE_SLOT_TABLE_H_
