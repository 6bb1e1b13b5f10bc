// The region that socket reads land in: memory handed out front to back, each byte once.
//
// A protocol may keep the bytes it is given for ever, so a region is never rewound; when too little
// of it is left, its owner takes a fresh one and the collector frees the old one after its last
// reader. Many small reads thus share one region that stays in the cache. The region does not own
// its memory.
#ifndef UVIO_BASE_READ_REGION_H_
#define UVIO_BASE_READ_REGION_H_

#include <cstddef>

namespace uvio {

class ReadRegion {
 public:
  void Assign(char* base, size_t size) {
    base_ = base;
    size_ = size;
    used_ = 0;
  }

  char* free_space() const { return base_ + used_; }
  size_t free_size() const { return size_ - used_; }

  // Marks the next `size` bytes as handed out and returns where they begin.
  size_t Take(size_t size) {
    const size_t offset = used_;
    used_ += size;
    return offset;
  }

 private:
  char* base_ = nullptr;
  size_t size_ = 0;
  size_t used_ = 0;
};

}  // namespace uvio

#endif  // UVIO_BASE_READ_REGION_H_
