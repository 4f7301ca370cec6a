#include "cli/report.h"

#include <cstdio>

namespace sluice::cli {

int exit_status(base::Code code) {
  using base::Code;
  switch (code) {
    case Code::invalid:
    case Code::too_large:
    case Code::unsupported:
      return 1;
    case Code::not_found:
      return 3;
    case Code::unauthenticated:
    case Code::forbidden:
      return 4;
    case Code::conflict:
    case Code::stale:
    case Code::in_use:
    case Code::rate_limited:
    case Code::cancelled:
      return 5;
    case Code::upstream_rejected:
    case Code::upstream_unavailable:
    case Code::timeout:
      return 6;
    case Code::internal:
      return 7;
  }
  return 7;
}

int report(const base::Error& error) {
  std::fprintf(stderr, "sluice: %s\n", error.detail.c_str());
  for (const base::FieldError& field : error.fields) std::fprintf(stderr, "  %s %s\n", field.pointer.c_str(), field.detail.c_str());
  if (error.code == base::Code::internal && !error.internal.empty())
    std::fprintf(stderr, "  (%s: %s)\n", error.reason.c_str(), error.internal.c_str());
  return exit_status(error.code);
}

}  // namespace sluice::cli
