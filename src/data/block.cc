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

namespace {
base::Error cancelled() { return {.code = base::Code::cancelled, .reason = "run.cancelled", .detail = "The run was canceled."}; }
}  // namespace

base::Result<void> BlockQueue::push(Block block, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const bool woken = changed_.wait(lock, stop, [this] { return failure_ || blocks_.size() < capacity_; });
  if (failure_) return *failure_;
  if (!woken || stop.stop_requested()) return cancelled();
  BASE_ASSERT(!closed_);
  blocks_.push_back(std::move(block));
  changed_.notify_all();
  return {};
}

base::Result<std::optional<Block>> BlockQueue::pop(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const bool woken = changed_.wait(lock, stop, [this] { return failure_ || closed_ || !blocks_.empty(); });
  if (failure_) return *failure_;
  if (!woken || stop.stop_requested()) return cancelled();
  if (blocks_.empty()) return std::optional<Block>();
  std::optional<Block> block(std::move(blocks_.front()));
  blocks_.pop_front();
  changed_.notify_all();
  return block;
}

void BlockQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void BlockQueue::fail(base::Error error) {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = std::move(error);
  blocks_.clear();
  changed_.notify_all();
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
  if (block.allocated() > Block::kBytes + Block::kSlack || spare_.size() >= capacity_ + 2) return;
  spare_.push_back(std::move(block));
}

}  // namespace sluice::data
