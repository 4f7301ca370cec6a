// How a connection takes in a body that may be larger than memory.
#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "http/connection.h"
#include "http/spool.h"

namespace sluice::http {

namespace {
constexpr std::size_t kReadChunked = 64 * 1024;
}

// Whether this client may write to our disk at all is asked before it does.
Task<Connection::Step> Connection::admit() {
  admitting_ = true;
  const bool ran = co_await run_on(Lane::quick);
  co_return ran&& call_.admitted ? Step::go_on : Step::answer;
}

void Connection::start_file_job(void (Spool::*job)()) {
  const bool posted = io_.shared().lanes.post_file([this, job] {
    (spool_.get()->*job)();
    io_.set_signal(done_);
  });
  BASE_ASSERT(posted);  // the file threads outlive all connections, and have room for each
  enter(Phase::body, SteadyClock::duration::max());
}

// The file threads have the last reference: closing and removing a large file may take a while.
void Connection::release_spool() {
  if (spool_ == nullptr) return;
  io_.shared().lanes.post_file([spool = std::move(spool_)]() mutable { spool.reset(); });
  spool_.reset();
}

Task<Connection::Step> Connection::spool_body() {
  spool_ = std::make_shared<Spool>(io_.shared().options.spool_folder);
  start_file_job(&Spool::open);
  co_await done_.wait();
  Step step = check_spool();
  spool_left_ = parser_->length().value_or(0);
  while (step == Step::go_on && spool_has_more()) {
    step = co_await fill_block();
    if (is_writing_) co_await done_.wait();
    is_writing_ = false;
    if (step == Step::go_on) step = check_spool();
    if (step != Step::go_on) break;
    spool_->swap_blocks();
    start_file_job(&Spool::write);
    is_writing_ = true;
  }
  if (is_writing_) co_await done_.wait();
  is_writing_ = false;
  if (step != Step::go_on) co_return step;
  start_file_job(&Spool::close);
  co_await done_.wait();
  call_.spool_path = spool_->path();
  call_.spool_bytes = spool_->bytes();
  co_return check_spool();
}

bool Connection::spool_has_more() const { return parser_->is_chunked() ? chunks_.state() == ChunkDecoder::State::more : spool_left_ != 0; }

Connection::Step Connection::check_spool() {
  const auto result = spool_->result();
  return result.ok() ? Step::go_on : fail(result.error());
}

Task<Connection::Step> Connection::fill_block() {
  Spool::Block& block = spool_->block();
  if (!parser_->is_chunked()) co_return co_await fill_sized();
  // The data of chunks is shorter than what carried it: a block grows beyond its size by one reading at most.
  block.bytes.clear();
  Step step = take_chunks(block.bytes);
  while (step == Step::go_on && spool_has_more() && block.bytes.size() < Spool::kBlock) {
    expect_body_bytes();
    const std::size_t count = co_await read_more(kReadChunked);
    step = count != 0 ? take_chunks(block.bytes) : body_ended_early();
  }
  block.filled = block.bytes.size();
  co_return step;
}

Task<Connection::Step> Connection::fill_sized() {
  Spool::Block& block = spool_->block();
  if (block.bytes.size() != Spool::kBlock) block.bytes.resize(Spool::kBlock);
  while (spool_left_ != 0 && block.filled < Spool::kBlock) {
    const std::size_t room = static_cast<std::size_t>(std::min<std::uint64_t>(spool_left_, Spool::kBlock - block.filled));
    std::size_t count = std::min(room, buffer_.size());
    if (count != 0) {
      std::memcpy(block.bytes.data() + block.filled, buffer_.view().data(), count);
      buffer_.consume(count);
    } else {
      expect_body_bytes();
      count = co_await read_some(block.bytes.data() + block.filled, room);
      if (count == 0) co_return body_ended_early();
    }
    block.filled += count;
    spool_left_ -= count;
  }
  co_return Step::go_on;
}

}  // namespace sluice::http
