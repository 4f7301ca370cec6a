#include "base/error.h"

#include <array>

namespace sluice::base {

std::string_view name_of(Code code) {
  constexpr std::array<std::string_view, 15> kNames = {
      "invalid", "unauthenticated", "forbidden",    "not_found",   "conflict",          "stale",
      "in_use",  "too_large",       "rate_limited", "unsupported", "upstream_rejected", "upstream_unavailable",
      "timeout", "cancelled",       "internal"};
  return kNames[static_cast<std::size_t>(code)];
}

Error&& Error::at(std::string_view where) && {
  if (internal.empty()) {
    internal = std::string(where) + ": " + detail;
  } else {
    internal = std::string(where) + ": " + internal;
  }
  return std::move(*this);
}

}  // namespace sluice::base
