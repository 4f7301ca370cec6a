// Many calls over HTTP in flight at once, driven by the thread that owns the pool: nothing happens outside start() and wait().
// Connections are kept alive and used again. Every one is dialled through the egress guard: a host is resolved once for the
// life of the pool, so that a name cannot change its mind, and redirects are answers like others.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/guard.h"
#include "net/http_client.h"
#include "net/trust.h"

namespace sluice::net {

struct PoolRequest {
  std::string method = "GET";
  std::string url;
  std::vector<HttpHeader> headers;
  std::string_view body;  // not copied: valid until the call is done
  bool has_body = false;  // an empty body is one too
  // To connect, send and wait for the whole answer; a large body gets longer, a second for each 64 KiB.
  std::chrono::milliseconds timeout = std::chrono::seconds(60);
  std::size_t most_answer_bytes = 1 << 20;  // when decompressed
};

struct PoolDone {
  std::uint64_t tag = 0;
  base::Result<HttpAnswer> answer = HttpAnswer();  // errors as of net::call()
  bool is_sent = false;                            // with an error: some of the request left, so the service may have it
  std::chrono::milliseconds took{};
};

class HttpPool {
 public:
  struct Options {
    int connections = 4;
    std::chrono::milliseconds connect = std::chrono::seconds(15);
  };
  // `guard` and `trust` must outlive the pool.
  HttpPool(const Guard& guard, const Trust& trust, Options options, std::stop_token stop);
  ~HttpPool();  // calls in flight are broken off
  HttpPool(const HttpPool&) = delete;
  HttpPool& operator=(const HttpPool&) = delete;

  // Never waits, but a new connection, which is made by wait(), holds the others up until it stands. Errors are those of a request
  // that nobody may send: "net.bad_url", "net.bad_header".
  base::Result<void> start(const PoolRequest& request, std::uint64_t tag);
  // Calls that are done; waits for the first until the deadline or a stop. Empty when there is none.
  std::vector<PoolDone> wait(base::Deadline deadline);
  // What wait() would do, without waiting.
  std::vector<PoolDone> look();
  std::size_t in_flight() const;
  // Breaks off what is in flight; each is done with "net.cancelled".
  std::vector<PoolDone> break_off();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::net
