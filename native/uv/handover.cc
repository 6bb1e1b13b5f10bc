// Descriptors on their way from one thread of the process to another; see handover.h.
#include "uv/handover.h"

#include <uv.h>

#include <iterator>
#include <map>
#include <mutex>

#include "uv/descriptor.h"
#include "uv/unique_descriptor.h"

namespace uvio {

namespace {

struct Offer {
  UniqueDescriptor descriptor;
  const void* giver;
};

struct Offers {
  std::mutex mutex;
  std::map<int64_t, Offer> waiting;
  int64_t last = 0;
};

// Never destroyed: threads may end after the process has begun to.
Offers& AllOffers() {
  static auto* offers = new Offers();
  return *offers;
}

}  // namespace

int64_t OfferDescriptor(int descriptor, const void* giver) {
  int duplicate;
  const int error = CopyDescriptor(descriptor, &duplicate);
  if (error != 0) return error;
  Offers& offers = AllOffers();
  const std::lock_guard<std::mutex> lock(offers.mutex);
  const int64_t ticket = ++offers.last;
  offers.waiting.emplace(ticket, Offer{UniqueDescriptor(duplicate), giver});
  return ticket;
}

int TakeOffered(int64_t ticket) {
  Offers& offers = AllOffers();
  const std::lock_guard<std::mutex> lock(offers.mutex);
  const auto found = offers.waiting.find(ticket);
  if (found == offers.waiting.end()) return UV_EBADF;
  const int descriptor = found->second.descriptor.Release();
  offers.waiting.erase(found);
  return descriptor;
}

void CloseOffered(const void* giver) {
  Offers& offers = AllOffers();
  const std::lock_guard<std::mutex> lock(offers.mutex);
  for (auto offer = offers.waiting.begin(); offer != offers.waiting.end();) {
    offer = offer->second.giver == giver ? offers.waiting.erase(offer) : std::next(offer);
  }
}

}  // namespace uvio
