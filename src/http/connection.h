// One client: its socket and the request being served. A coroutine on the connection's io thread; only run_handler() hands
// the call to a pool, and waits.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "http/chunk_decoder.h"
#include "http/events_state.h"
#include "http/io_thread.h"
#include "http/read_buffer.h"
#include "http/request_parser.h"

namespace sluice::http {

class Spool;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  enum class Phase : std::uint8_t { idle, head, body, handler, writing, events, ending };

  Connection(IoThread& io, Socket socket, std::string address);

  // Ends when the connection does. The caller keeps the object alive that long.
  Task<void> serve();
  // Too many connections: a short answer, then the end.
  Task<void> turn_away();

  // For the io thread, between the steps of the coroutine.
  Phase phase() const { return phase_; }
  SteadyClock::time_point deadline() const { return deadline_; }
  void expire();
  void client_left();
  bool has_left() const { return gone_.stop_requested(); }
  bool is_slow_listener() const;
  void wake() { news_.set(); }  // may run the coroutine to its end
  void close();
  void refuse_call();  // its lane is full
  void run_job();      // on a thread of the lane
  int descriptor() { return socket_.native_handle(); }
  std::size_t index = 0;  // in the list of the io thread

 private:
  // answer: response_ is what the client gets, and the request goes no further.
  enum class Step : std::uint8_t { go_on, answer, hang_up };

  // One request; false when it was the last.
  Task<bool> serve_one();
  Task<Step> read_head();
  Step read_first_line(std::size_t head_size);
  Step find_row();
  Task<Step> read_body();
  Task<Step> read_sized(std::uint64_t length);
  Task<Step> read_chunked();
  Task<Step> run_handler();
  Task<bool> write_response(bool keep_alive);
  Task<bool> write_produced(bool keep_alive);
  void produce_piece();  // on a thread of the lane
  Task<bool> write_all(std::string_view first, std::string_view second);
  Task<void> end_politely();
  // Waits for bytes; 0 when the client ended, the time is over or the socket broke.
  Task<std::size_t> read_some(char* data, std::size_t size);
  Task<std::size_t> read_more(std::size_t least);

  void enter(Phase phase, SteadyClock::duration limit);
  void begin_call();
  void end_call();
  Step fail(const base::Error& error);
  Task<bool> run_on(Lane lane);
  Step take_chunks(std::string& sink);
  Task<Step> admit();
  Task<Step> spool_body();
  Task<Step> fill_block();
  Task<Step> fill_sized();
  bool spool_has_more() const;
  void start_file_job(void (Spool::*job)());
  Step check_spool();
  void release_spool();
  void expect_body_bytes();
  Step body_ended_early();

  struct WatchListener;
  Task<void> stream_events();
  Task<void> send_events();
  Task<bool> write_piece(std::string_view text);
  void watch_listener();

  IoThread& io_;
  Socket socket_;
  std::string address_;
  ReadBuffer buffer_;
  Call call_;
  std::optional<RequestParser> parser_;  // of this request; writes into call_
  Response response_;
  const Router::Row* row_ = nullptr;
  std::string out_;
  Signal done_;  // a pool finished what it was given
  Signal news_;  // for event streams
  std::stop_source gone_;
  Phase phase_ = Phase::idle;
  SteadyClock::time_point deadline_ = SteadyClock::time_point::max();
  bool expired_ = false;
  bool left_ = false;  // the socket is of no use any more
  bool is_head_ = false;
  bool http11_ = true;
  bool body_pending_ = false;  // the client may still be sending it
  bool refused_ = false;
  bool admitting_ = false;  // what run_job() is to do
  bool producing_ = false;  // likewise
  bool has_more_ = false;   // of a body that is produced
  bool is_broken_ = false;  // producing it failed
  std::string piece_;
  bool is_writing_ = false;  // a file thread has a block
  std::shared_ptr<Spool> spool_;
  ChunkDecoder chunks_;
  std::uint64_t spool_left_ = 0;  // of a body whose length is known
  bool is_listener_ = false;
  EventHub::State::Place place_;  // of a listener
  SteadyClock::time_point body_deadline_ = SteadyClock::time_point::max();
};

}  // namespace sluice::http
