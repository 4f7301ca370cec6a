#include "base/secret.h"

#include <cstring>
#include <utility>

namespace sluice::base {

void wipe_memory(void* data, std::size_t size) {
  if (size != 0) explicit_bzero(data, size);
}

Secret::Secret(std::string_view bytes) : size_(bytes.size()) {
  if (size_ == 0) return;
  bytes_ = std::make_unique<char[]>(size_);
  std::memcpy(bytes_.get(), bytes.data(), size_);
}

Secret::~Secret() { wipe(); }

Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

bool Secret::equals(const Secret& other) const {
  if (size_ != other.size_) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < size_; ++i) difference |= static_cast<unsigned char>(bytes_[i] ^ other.bytes_[i]);
  return difference == 0;
}

void Secret::wipe() {
  if (bytes_) wipe_memory(bytes_.get(), size_);
  bytes_.reset();
  size_ = 0;
}

}  // namespace sluice::base
