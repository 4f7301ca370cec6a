#include "data/block.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace sluice::data {

Block& Block::operator=(Block&& other) noexcept {
  if (this != &other) {
    Block gone;
    gone.swap(*this);
    swap(other);
  }
  return *this;
}

void Block::swap(Block& other) noexcept {
  data_.swap(other.data_);
  std::swap(size_, other.size_);
  std::swap(allocated_, other.allocated_);
}

void Block::append(std::string_view bytes) {
  if (bytes.empty()) return;
  std::memcpy(reserve(bytes.size()), bytes.data(), bytes.size());
  commit(bytes.size());
}

void Block::grow(std::size_t bytes) {
  std::size_t wanted = kBytes + kSlack;
  if (size_ + bytes > wanted) wanted = std::max(size_ + bytes + kSlack, allocated_ * 2);
  auto larger = std::make_unique_for_overwrite<char[]>(wanted);
  if (size_ != 0) std::memcpy(larger.get(), data_.get(), size_);
  data_ = std::move(larger);
  allocated_ = wanted;
}

Block BlockQueue::fresh() {
  const std::lock_guard lock(mutex_);
  if (spare_.empty()) return {};
  Block block = std::move(spare_.back());
  spare_.pop_back();
  return block;
}

void BlockQueue::recycle(Block block) {
  block.clear();
  const std::lock_guard lock(mutex_);
  if (block.allocated() > Block::kBytes + Block::kSlack || spare_.size() >= blocks_.capacity() + 2) return;
  spare_.push_back(std::move(block));
}

}  // namespace sluice::data
