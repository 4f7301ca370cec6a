// Bytes that came from a socket and were not used yet. Grows by doubling; a request's head must fit.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

namespace sluice::http {

class ReadBuffer {
 public:
  std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  // Room for at least `least` bytes behind those that are there.
  std::pair<char*, std::size_t> prepare(std::size_t least) {
    if (capacity_ - end_ < least) make_room(least);
    return {data_.get() + end_, capacity_ - end_};
  }
  void commit(std::size_t count) { end_ += count; }
  // Idle connections are many; a large buffer is not kept for them.
  void shrink() {
    if (!empty() || capacity_ <= kSmall) return;
    data_.reset();
    capacity_ = begin_ = end_ = 0;
  }

  static constexpr std::size_t kSmall = 4096;

 private:
  void make_room(std::size_t least) {
    const std::size_t used = size();
    if (capacity_ - used >= least) {
      if (used != 0) std::memmove(data_.get(), data_.get() + begin_, used);
    } else {
      std::size_t capacity = std::max(capacity_ * 2, kSmall);
      while (capacity - used < least) capacity *= 2;
      auto larger = std::make_unique_for_overwrite<char[]>(capacity);
      if (used != 0) std::memcpy(larger.get(), data_.get() + begin_, used);
      data_ = std::move(larger);
      capacity_ = capacity;
    }
    begin_ = 0;
    end_ = used;
  }

  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace sluice::http
