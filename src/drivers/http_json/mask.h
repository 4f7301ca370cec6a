// Takes secrets out of what people may read (C-023): the bytes of every secret of a connection and of fetched tokens, also
// percent-encoded, as JSON writes them, and as base64 of user and password.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "drivers/driver.h"

namespace sluice::drivers::http_json {

class Mask {
 public:
  explicit Mask(const Target& target);
  ~Mask();
  Mask(const Mask&) = delete;
  Mask& operator=(const Mask&) = delete;

  void add(std::string_view secret);
  // At most `most` bytes of it, never half a secret, valid UTF-8.
  std::string text(std::string_view in, std::size_t most) const;

 private:
  void add_one(std::string secret);
  std::vector<std::string> secrets_;  // longest first
};

// A header that may carry a secret by its name: left out of records altogether.
bool is_secret_header(std::string_view name);

}  // namespace sluice::drivers::http_json
