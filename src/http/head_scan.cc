#include "http/head_scan.h"

namespace sluice::http {

HeadScan::Found HeadScan::scan(std::string_view bytes, std::size_t limit) {
  // A method starts with a letter; a TLS hello or another protocol is told at once.
  if (!bytes.empty() && at_ == 0 && !(bytes[0] >= 'A' && bytes[0] <= 'Z') && !(bytes[0] >= 'a' && bytes[0] <= 'z')) return Found::not_http;
  for (;;) {
    const std::size_t lf = bytes.find('\n', at_);
    const std::size_t known = lf == std::string_view::npos ? bytes.size() : lf + 1;
    if (known > limit) return first_line_ ? Found::target_too_long : Found::too_large;
    // The first byte of a line tells a fold; it may come later than the line before.
    if (!first_line_ && line_start_ < bytes.size() && (bytes[line_start_] == ' ' || bytes[line_start_] == '\t')) return Found::folded;
    if (lf == std::string_view::npos) {
      at_ = bytes.size();
      return Found::more;
    }
    if (lf == line_start_ || bytes[lf - 1] != '\r') return Found::bare_lf;
    at_ = lf + 1;
    if (lf - 1 == line_start_ && !first_line_) return Found::end;
    line_start_ = at_;
    first_line_ = false;
  }
}

}  // namespace sluice::http
