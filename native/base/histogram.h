// A log-linear histogram of durations in nanoseconds (the idea of HdrHistogram, in one page).
//
// Each power of two is cut into 32 equal steps, so that any recorded value is known to within 1/32
// of itself. Recording is an index computation and an increment: no allocation, no branch on the
// size. Invariant: the sum of all buckets equals count().
#ifndef UVIO_BASE_HISTOGRAM_H_
#define UVIO_BASE_HISTOGRAM_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace uvio {

class Histogram {
 public:
  void Record(uint64_t nanoseconds) {
    buckets_[BucketOf(nanoseconds)]++;
    count_++;
    sum_ += nanoseconds;
    max_ = std::max(max_, nanoseconds);
  }

  void Reset() { *this = Histogram(); }

  uint64_t count() const { return count_; }
  uint64_t sum() const { return sum_; }
  uint64_t max() const { return max_; }

  // The smallest recorded bound below which `fraction` (0 to 1) of the values lie; 0 when empty.
  uint64_t Percentile(double fraction) const {
    const auto rank = static_cast<uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
    uint64_t seen = 0;
    for (size_t index = 0; index < kBuckets; index++) {
      seen += buckets_[index];
      if (seen != 0 && seen >= rank) return std::min(UpperBoundOf(index), max_);
    }
    return max_;
  }

  // Calls `visit(bound, count)` for each bucket that is not empty, the smallest first: so many
  // values are at most `bound`, and above the one before.
  template <typename Visit>
  void Each(Visit visit) const {
    for (size_t index = 0; index < kBuckets; index++) {
      if (buckets_[index] != 0) visit(UpperBoundOf(index), buckets_[index]);
    }
  }

 private:
  static constexpr unsigned kStepBits = 5;
  static constexpr uint64_t kSteps = uint64_t{1} << kStepBits;
  static constexpr size_t kBuckets = (64 - kStepBits + 1) * kSteps;

  static size_t BucketOf(uint64_t value) {
    if (value < kSteps) return static_cast<size_t>(value);
    const unsigned shift = 63u - static_cast<unsigned>(__builtin_clzll(value)) - kStepBits;
    return static_cast<size_t>((uint64_t{shift} << kStepBits) + (value >> shift));
  }

  static uint64_t UpperBoundOf(size_t index) {
    if (index < kSteps) return index;
    const unsigned shift = static_cast<unsigned>(index >> kStepBits) - 1;
    const uint64_t mantissa = (index & (kSteps - 1)) + kSteps;
    return (mantissa << shift) + ((uint64_t{1} << shift) - 1);
  }

  std::array<uint64_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  uint64_t sum_ = 0;
  uint64_t max_ = 0;
};

}  // namespace uvio

#endif  // UVIO_BASE_HISTOGRAM_H_
