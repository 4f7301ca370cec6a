// The calls of one session or verification to one service: signed, within the connection's budget, recorded with secrets masked
// (BEY-20). What an answer means is decided elsewhere.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "drivers/driver.h"
#include "drivers/http_json/auth.h"
#include "drivers/http_json/budget.h"
#include "drivers/http_json/mask.h"
#include "drivers/http_json/request.h"
#include "net/http_pool.h"

namespace sluice::drivers::http_json {

class Caller {
 public:
  // `context` and `service` must outlive this; of `target` what is needed is copied.
  Caller(const Context& context, const Target& target, const manifest::HttpService& service, std::function<void(RequestRecord&&)> called);
  ~Caller();
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  enum class Kind : std::uint8_t { begun, later };
  struct Begun {
    Kind kind = Kind::begun;
    Budget::Permit permit;  // with `later`: why
  };
  // Signs and begins a call. `call` must stay where it is until it is done. Errors: no token could be had, or the request is one
  // that nobody may send.
  base::Result<Begun> begin(const Prepared& call, std::uint64_t tag, std::int64_t rows);

  struct Done {
    std::uint64_t tag = 0;
    base::Result<net::HttpAnswer> answer = net::HttpAnswer();
    bool is_sent = false;
    std::uint64_t generation = 0;  // of the token
  };
  std::vector<Done> wait(base::Deadline deadline);
  std::vector<Done> look();
  std::vector<Done> break_off();
  std::size_t in_flight() const { return calls_.size(); }

  // One call with nothing else in flight, tried again while it may help: the means of the verdict is not transient, not rate_limited
  // and not credentials that a new token could mend. Nothing goes on behind the deadline. Errors as of RowSession.
  base::Result<net::HttpAnswer> perform(const Prepared& call, base::Deadline deadline);

  // How long to wait before a try after `tries` failed ones.
  std::chrono::milliseconds pause(int tries) const;

  static base::Error cancelled();
  // The service takes no call for this long, by an earlier answer of its.
  static base::Error rate_limited(std::chrono::milliseconds wait);

  Auth& auth() { return auth_; }
  Mask& mask() { return mask_; }
  Budget& budget() { return *budget_; }
  const manifest::HttpService& service() const { return service_; }

 private:
  struct Open {
    std::uint64_t tag = 0;
    std::uint64_t generation = 0;
    std::int64_t rows = 0;
    const Prepared* call = nullptr;
    std::string url;
    std::vector<net::HttpHeader> headers;
    base::Timestamp at{};
  };
  base::Result<std::optional<Done>> attempt(const Prepared& call, base::Deadline deadline);
  std::vector<Done> take(std::vector<net::PoolDone> done);
  void record(const Open& open, const net::PoolDone& done);
  std::string header_lines(const std::vector<net::HttpHeader>& headers) const;

  const Context& context_;
  const manifest::HttpService& service_;
  std::function<void(RequestRecord&&)> called_;
  Mask mask_;
  Auth auth_;
  std::shared_ptr<Budget> budget_;
  net::HttpPool pool_;
  std::vector<Open> calls_;
  std::int64_t recorded_ = 0;
};

}  // namespace sluice::drivers::http_json
