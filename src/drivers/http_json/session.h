// A RowSession over HTTP: rows are cut into batches, batches go through the steps of their operation, up to `parallel` calls are in
// flight. Everything happens on the caller's thread, within upsert(), remove() and flush().
//
//   session.cc          rows in, the loop, the end
//   session_answer.cc   what an answer does to its batch
//   session_refused.cc  refused batches are halved until the row is alone (BEY-15)
//   session_job.cc      work that the service does later
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drivers/driver.h"
#include "drivers/http_json/batch.h"
#include "drivers/http_json/caller.h"

namespace sluice::drivers::http_json {

// The path of a poll whose job names itself by an address (a Location header).
inline constexpr std::string_view kJobAddress = "${job_id}";

class Session : public RowSession {
 public:
  // What is needed of `target` is copied.
  Session(Context context, const Target& target, RowsPlan plan, RowEvents events);
  // Signs in and finds the audience, so that what is wrong for every row is told before the first.
  base::Result<void> open();

  base::Result<void> upsert(std::shared_ptr<const RowBlock> rows) override;
  base::Result<void> remove(std::shared_ptr<const RowBlock> rows) override;
  base::Result<void> flush() override;

 private:
  using BatchPtr = std::unique_ptr<Batch>;
  struct Refusal {  // of a batch with means `rows`
    std::string code, words;
  };
  struct Held {  // a refusal that is told once it is clear that not everything is refused
    std::shared_ptr<const RowBlock> block;
    RowRef row;
    Refusal refusal;
  };

  // session.cc
  base::Result<void> take(const std::shared_ptr<const RowBlock>& block, bool removes);
  base::Result<void> seal();
  base::Result<void> turn(bool may_wait);
  Instant begin_ready();
  bool begin_one(BatchPtr& batch, Instant& wake);
  void prepare(Batch& batch);
  bool is_blocked(const Batch& batch) const;
  void tell_waiting(std::optional<std::chrono::milliseconds> left);
  base::Result<void> end(base::Error error);
  void fail(base::Error error);
  void forget(BatchPtr batch);
  void answer_rows(const Batch& batch, RowState state, std::string_view reason, std::string_view detail);
  void answer(const std::vector<RowAnswer>& answers);
  void warn(std::string_view reason, std::string_view detail);

  // session_answer.cc
  void finish(Caller::Done done);
  void finish_error(BatchPtr batch, const Caller::Done& done);
  void finish_answer(BatchPtr batch, const Caller::Done& done);
  void accept(BatchPtr batch, const net::HttpAnswer& answer, const base::json::Value& body);
  void tell_unmatched(const Rejections& rejections);
  bool reject_named(Batch& batch, const base::json::Value& body, std::span<const manifest::Rejected> rules, const std::string& status);
  void drop_without_id(Batch& batch, const base::json::Value& body);
  void advance(BatchPtr batch);
  void retry(BatchPtr batch, base::Error error);
  void wait_for_rate(BatchPtr batch, const base::Error& error);
  void wait_in_line(BatchPtr batch, Instant until);

  // session_refused.cc
  void refuse(BatchPtr batch, const Refusal& refusal);
  void halve(BatchPtr batch);
  void reject_all(BatchPtr batch, const Refusal& refusal, bool is_alone);
  void close_part(const std::shared_ptr<Split>& split);
  void note_accepted(const std::shared_ptr<Split>& split);
  void tell_held();

  // session_job.cc
  void begin_job(BatchPtr batch, const net::HttpAnswer& answer, const base::json::Value& body);
  void finish_poll(BatchPtr batch, const base::json::Value& body);
  void finish_collect(BatchPtr batch, const base::json::Value& body);
  std::string next_page(const Batch& batch, const base::json::Value& body) const;
  void reject_of_job(Batch& batch, const base::json::Value& body);
  void finish_job(BatchPtr batch, const base::json::Value& body);

  Context context_;
  std::shared_ptr<const manifest::HttpService> service_;
  RowsPlan plan_;
  RowEvents events_;
  Caller caller_;
  Operation upsert_;
  std::optional<Operation> remove_;
  std::optional<Call> find_, create_;
  std::string audience_id_;
  std::vector<std::size_t> identifying_;

  std::optional<Filler> filler_;
  bool fills_removes_ = false;
  std::deque<BatchPtr> ready_;     // in order
  std::vector<BatchPtr> waiting_;  // until their instant
  std::vector<std::pair<std::uint64_t, BatchPtr>> sent_;
  std::uint64_t next_tag_ = 1;
  bool is_waiting_ = false;  // for a rate limit, as was told
  bool is_ending_ = false;
  std::optional<base::Error> error_;

  bool any_accepted_ = false;
  int all_refused_ = 0;  // batches of which every part was refused while nothing was accepted
  std::vector<Held> held_;
};

}  // namespace sluice::drivers::http_json
