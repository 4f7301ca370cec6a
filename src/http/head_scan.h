// Looks for the end of a request's head while its bytes arrive, so that faults are answered at once and not when a time runs
// out, and so that the parser sees a head in one piece. Refuses what parsers read differently: a bare LF, and a field that
// goes on in the next line (RFC 9112 sections 2.2 and 5.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::http {

class HeadScan {
 public:
  enum class Found : std::uint8_t { more, end, bare_lf, folded, not_http, too_large, target_too_long };

  // `bytes` from the first byte of the head; call again with more behind them.
  Found scan(std::string_view bytes, std::size_t limit);
  // Bytes of the head with its empty line, after `end`.
  std::size_t size() const { return at_; }

 private:
  std::size_t at_ = 0;  // everything before was looked at
  std::size_t line_start_ = 0;
  bool first_line_ = true;
};

}  // namespace sluice::http
