#include "features/runs/outcome.h"

#include <algorithm>

#include "base/text.h"

namespace sluice::runs::outcome {

namespace {

base::Error bad_delays(std::string_view text) {
  return base::Error{.code = base::Code::invalid,
                     .reason = "config.bad_value",
                     .detail = "retry_delays must be none, or waits such as 10s,30s,2m,10m, at most ten of up to a day each, not " +
                               std::string(text) + "."};
}

}  // namespace

base::Result<RetryDelays> parse_retry_delays(std::string_view text) {
  RetryDelays parsed{.delays = {}};
  if (text == "none") return parsed;
  for (std::string_view part : base::split(text, ',')) {
    part = base::trim(part);
    const std::size_t digits = part.find_first_not_of("0123456789");
    const auto number = base::parse_int(part.substr(0, digits));
    const std::string_view unit = digits == std::string_view::npos ? "" : part.substr(digits);
    if (!number || *number > 86'400'000) return bad_delays(text);
    std::chrono::milliseconds delay(*number);
    if (unit == "s")
      delay = std::chrono::seconds(*number);
    else if (unit == "m")
      delay = std::chrono::minutes(*number);
    else if (unit == "h")
      delay = std::chrono::hours(*number);
    else if (unit != "ms")
      return bad_delays(text);
    if (delay > kLongestWait) return bad_delays(text);
    parsed.delays.push_back(delay);
  }
  if (parsed.delays.empty() || parsed.delays.size() > 10) return bad_delays(text);
  return parsed;
}

bool may_pass(base::Code code) {
  return code == base::Code::upstream_unavailable || code == base::Code::timeout || code == base::Code::rate_limited;
}

std::optional<base::Timestamp> retry_at(const RetryDelays& delays, base::Code code, std::int64_t failures,
                                        std::optional<std::chrono::milliseconds> asked_for, base::Timestamp now, double spread) {
  if (!may_pass(code) || failures < 1 || failures > static_cast<std::int64_t>(delays.delays.size())) return std::nullopt;
  const std::chrono::milliseconds base_delay = delays.delays[static_cast<std::size_t>(failures - 1)];
  auto delay = base_delay + std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(base_delay.count()) * 0.5 * spread));
  if (asked_for) delay = std::max(delay, std::min<std::chrono::milliseconds>(*asked_for, kLongestWait));
  return now + delay;
}

State combined(std::span<const State> parts) {
  const auto any = [&](auto test) { return std::any_of(parts.begin(), parts.end(), test); };
  const bool delivered = any([](State s) { return is_delivery(s); });
  const bool failed = any([](State s) { return s == State::failed; });
  const bool left_out = any([](State s) { return s == State::skipped; });
  if (any([](State s) { return s == State::canceled; })) return State::canceled;
  if (failed) return delivered ? State::completed_with_errors : State::failed;
  if (any([](State s) { return s == State::completed_with_errors; })) return State::completed_with_errors;
  if (left_out) return delivered ? State::completed_with_warnings : State::skipped;
  if (any([](State s) { return s == State::completed_with_warnings; })) return State::completed_with_warnings;
  return State::succeeded;
}

std::vector<TableResult> settled(std::vector<TableResult> tables, State state) {
  const State rest = is_active(state)                                      ? State::queued
                     : state == State::succeeded || state == State::failed ? state
                     : state == State::skipped                             ? State::skipped
                                                                           : State::canceled;
  for (TableResult& table : tables) {
    if (is_active(table.state)) table.state = rest;
  }
  return tables;
}

}  // namespace sluice::runs::outcome
