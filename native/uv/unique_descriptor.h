// A file descriptor that has one owner and is closed with it.
#ifndef UVIO_UV_UNIQUE_DESCRIPTOR_H_
#define UVIO_UV_UNIQUE_DESCRIPTOR_H_

#include <utility>

#include "uv/descriptor.h"

namespace uvio {

class UniqueDescriptor {
 public:
  explicit UniqueDescriptor(int number = -1) : number_(number) {}
  ~UniqueDescriptor() { Reset(); }
  UniqueDescriptor(UniqueDescriptor&& other) noexcept : number_(other.Release()) {}
  UniqueDescriptor& operator=(UniqueDescriptor&& other) noexcept {
    if (this != &other) Reset(other.Release());
    return *this;
  }
  UniqueDescriptor(const UniqueDescriptor&) = delete;
  UniqueDescriptor& operator=(const UniqueDescriptor&) = delete;

  // -1 when there is none.
  int get() const { return number_; }
  int Release() { return std::exchange(number_, -1); }
  void Reset(int number = -1) {
    if (number_ >= 0) CloseDescriptor(number_);
    number_ = number;
  }

 private:
  int number_;
};

}  // namespace uvio

#endif  // UVIO_UV_UNIQUE_DESCRIPTOR_H_
