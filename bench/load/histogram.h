// A log-linear histogram of nanoseconds, in the manner of HdrHistogram: every power of two is cut
// into 128 equal parts, so that a value is known to better than 1 %, from 1 ns to some 18 minutes.
// Invariant: recording neither allocates nor branches on the number of values seen; `largest` is
// exact, and what lies beyond the last part is counted in the last part.
#ifndef UVIO_BENCH_HISTOGRAM_H
#define UVIO_BENCH_HISTOGRAM_H

#include <stdint.h>

enum { PART_BITS = 7, PARTS = 1 << PART_BITS, POWERS = 34, SLOTS = PARTS * POWERS };

typedef struct {
  uint64_t slots[SLOTS];
  uint64_t count;
  uint64_t largest;
} Histogram;

static inline unsigned histogram_slot(uint64_t value) {
  if (value < PARTS) return (unsigned)value;
  unsigned shift = 63u - (unsigned)__builtin_clzll(value) - PART_BITS;
  unsigned slot = shift * PARTS + (unsigned)(value >> shift);
  return slot < SLOTS ? slot : SLOTS - 1;
}

static inline void histogram_record(Histogram* histogram, uint64_t value) {
  histogram->slots[histogram_slot(value)]++;
  histogram->count++;
  if (value > histogram->largest) histogram->largest = value;
}

// The middle of the slot that holds the value below which `share` of all values lie.
static inline double histogram_quantile(const Histogram* histogram, double share) {
  uint64_t wanted = (uint64_t)(share * (double)histogram->count);
  uint64_t seen = 0;
  for (unsigned slot = 0; slot < SLOTS; slot++) {
    seen += histogram->slots[slot];
    if (seen <= wanted) continue;
    if (slot < PARTS) return slot;
    unsigned shift = slot / PARTS - 1;
    double low = (double)((uint64_t)(slot - shift * PARTS) << shift);
    double middle = low + (double)(1ull << shift) / 2;
    return middle < (double)histogram->largest ? middle : (double)histogram->largest;
  }
  return (double)histogram->largest;
}

#endif
