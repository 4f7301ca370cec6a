// What libcurl's callbacks fill while an answer arrives, and the checks of a request that net::call() and the pool share. Private
// to this folder.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/http_client.h"

namespace sluice::net {

struct Receiving {
  HttpAnswer answer;
  std::size_t most_bytes = 0;
  bool is_too_large = false;
};

// Callbacks for CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION; `out` is a Receiving.
std::size_t take_body(char* data, std::size_t size, std::size_t count, void* out);
std::size_t take_header(char* data, std::size_t size, std::size_t count, void* out);

base::Error answer_too_large(const std::string& host, std::size_t most_bytes);

// Nothing in a header may end it. Reason "net.bad_header".
base::Result<void> check_headers(const std::vector<HttpHeader>& headers);

}  // namespace sluice::net
