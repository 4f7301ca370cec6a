#include "data/block.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

namespace sluice::data {
namespace {

Block block_of(std::string_view text) {
  Block block;
  block.append(text);
  return block;
}

TEST(Block, a_row_begun_below_the_mark_fits_without_growing) {
  Block block = block_of("x");
  const std::size_t allocated = block.allocated();
  EXPECT_EQ(allocated, Block::kBytes + Block::kSlack);
  while (!block.full()) block.append(std::string(1'000, 'y'));
  block.append(std::string(50'000, 'z'));
  EXPECT_EQ(block.allocated(), allocated);
  block.append(std::string(100'000, 'z'));
  EXPECT_GT(block.allocated(), allocated);
  EXPECT_EQ(block.view().front(), 'x');
  EXPECT_EQ(block.view().back(), 'z');
}

TEST(Block, a_moved_from_block_is_empty_and_usable) {
  Block one = block_of("one");
  Block two = std::move(one);
  EXPECT_EQ(two.view(), "one");
  EXPECT_TRUE(one.empty());  // NOLINT(bugprone-use-after-move): this is promised
  one.append("again");
  EXPECT_EQ(one.view(), "again");
  one = std::move(two);
  EXPECT_EQ(one.view(), "one");
}

TEST(BlockQueue, blocks_come_out_in_order_and_then_the_end) {
  BlockQueue queue(2);
  std::thread producer([&queue] {
    for (int i = 0; i < 1'000; ++i) {
      Block block = queue.fresh();
      EXPECT_TRUE(block.empty());
      block.append(std::to_string(i));
      EXPECT_TRUE(queue.push(std::move(block)).ok());
    }
    queue.close();
  });
  int next = 0;
  while (true) {
    auto block = queue.pop();
    ASSERT_TRUE(block.ok());
    if (!*block) break;
    EXPECT_EQ((*block)->view(), std::to_string(next++));
    queue.recycle(std::move(**block));
  }
  EXPECT_EQ(next, 1'000);
  EXPECT_FALSE(queue.pop()->has_value());
  producer.join();
}

TEST(BlockQueue, C_065_no_more_blocks_are_queued_than_its_capacity) {
  BlockQueue queue(3);
  std::atomic<int> pushed = 0;
  std::thread producer([&] {
    for (int i = 0; i < 10; ++i) {
      EXPECT_TRUE(queue.push(block_of("x")).ok());
      ++pushed;
    }
    queue.close();
  });
  for (int taken = 0; taken < 10; ++taken) {
    EXPECT_LE(pushed.load(), taken + 4);
    ASSERT_TRUE((*queue.pop()).has_value());
  }
  producer.join();
}

TEST(BlockQueue, a_failure_ends_both_sides_and_the_first_one_counts) {
  BlockQueue queue(1);
  ASSERT_TRUE(queue.push(block_of("x")).ok());
  std::thread producer([&queue] {
    const auto pushed = queue.push(block_of("y"));  // waits for room
    ASSERT_FALSE(pushed.ok());
    EXPECT_EQ(pushed.error().reason, "far.gone");
  });
  queue.fail({.code = base::Code::upstream_unavailable, .reason = "far.gone"});
  queue.fail({.code = base::Code::internal, .reason = "later"});
  producer.join();
  EXPECT_EQ(queue.pop().error().reason, "far.gone");
}

TEST(BlockQueue, a_stop_request_wakes_who_waits) {
  BlockQueue queue(1);
  std::stop_source stop;
  std::thread consumer([&] {
    const auto popped = queue.pop(stop.get_token());
    ASSERT_FALSE(popped.ok());
    EXPECT_EQ(popped.error().code, base::Code::cancelled);
    EXPECT_EQ(popped.error().reason, "run.cancelled");
  });
  stop.request_stop();
  consumer.join();
  EXPECT_EQ(queue.push(block_of("x"), stop.get_token()).error().code, base::Code::cancelled);
}

TEST(BlockQueue, blocks_are_used_again_and_grown_ones_are_freed) {
  BlockQueue queue(1);
  Block block = block_of("x");
  const char* const memory = block.data();
  queue.recycle(std::move(block));
  Block again = queue.fresh();
  EXPECT_EQ(again.data(), memory);
  EXPECT_TRUE(again.empty());
  again.append(std::string(Block::kBytes * 2, 'x'));
  queue.recycle(std::move(again));
  EXPECT_EQ(queue.fresh().allocated(), 0U);
}

}  // namespace
}  // namespace sluice::data
