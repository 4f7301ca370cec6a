// Block: the unit in which bytes travel from thread to thread of a run (rows encoded, then compressed, then sent).
// BlockQueue: a bounded hand-over of blocks from one thread to another, which also keeps a few empty blocks to use again.
//
//   producer: Block block = queue.fresh();  writer.append(block, row);  if (block.full())
//   RETURN_IF_ERROR(queue.push(std::move(block)));
//             …  queue.close();
//   consumer: while (true) { ASSIGN_OR_RETURN(auto block, queue.pop());  if (!block) break;  …
//   queue.recycle(std::move(*block)); }
//
// Memory of a stage is (capacity + 2) blocks: those in the queue and the one each side holds.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "data/hand_over.h"

namespace sluice::data {

// A buffer of 1 MiB with room behind it, so that a row begun below the mark can be finished without growing. Grows when a
// single row is larger than that. Move-only; a moved-from block is empty and usable.
class Block {
 public:
  static constexpr std::size_t kBytes = std::size_t{1} << 20;
  static constexpr std::size_t kSlack = std::size_t{64} << 10;

  Block() = default;
  Block(Block&& other) noexcept { swap(other); }
  Block& operator=(Block&& other) noexcept;

  std::string_view view() const { return {data_.get(), size_}; }
  char* data() { return data_.get(); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t allocated() const { return allocated_; }
  // Time to hand it on.
  bool full() const { return size_ >= kBytes; }

  // Room for `bytes` more behind the content; write there, then commit() what was written.
  char* reserve(std::size_t bytes) {
    if (allocated_ - size_ < bytes) grow(bytes);
    return data_.get() + size_;
  }
  void commit(std::size_t bytes) { size_ += bytes; }
  void append(std::string_view bytes);
  void clear() { size_ = 0; }
  void swap(Block& other) noexcept;

 private:
  void grow(std::size_t bytes);

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t allocated_ = 0;
};

// Between one producer and one consumer (more of either work too). Any thread may fail().
class BlockQueue {
 public:
  explicit BlockQueue(std::size_t capacity) : blocks_(capacity) {}

  // As those of HandOver.
  base::Result<void> push(Block block, std::stop_token stop = {}) { return blocks_.push(std::move(block), std::move(stop)); }
  base::Result<std::optional<Block>> pop(std::stop_token stop = {}) { return blocks_.pop(std::move(stop)); }
  void close() { blocks_.close(); }
  void fail(base::Error error) { blocks_.fail(std::move(error)); }

  // An empty block, a used one if there is one.
  Block fresh();
  // Gives a block back. Those that had to grow are freed.
  void recycle(Block block);

 private:
  HandOver<Block> blocks_;
  std::mutex mutex_;  // guards spare_
  std::vector<Block> spare_;
};

}  // namespace sluice::data
