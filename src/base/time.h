// Instants are UTC with microseconds; the database keeps them as BIGINT microseconds, JSON as RFC 3339 with Z.
// Code that decides by time takes `now` as a parameter or a Clock; nothing else asks the wall clock. Waiting uses Deadline,
// which is on the steady clock and only ever shrinks.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::base {

using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

inline std::int64_t to_micros(Timestamp t) { return t.time_since_epoch().count(); }
inline Timestamp from_micros(std::int64_t micros) { return Timestamp(std::chrono::microseconds(micros)); }

// "2026-01-02T03:04:05.123456Z"; the fraction is left out when it is zero.
std::string format_rfc3339(Timestamp t);
// Accepts "Z" and numeric offsets, 1 to 9 digits of fraction (cut to microseconds). Empty when it is not an RFC 3339 instant.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

// The wall clock, replaceable in tests.
using Clock = std::function<Timestamp()>;
Timestamp system_now();

class Deadline {
 public:
  using Steady = std::chrono::steady_clock;

  static Deadline after(std::chrono::milliseconds span) { return Deadline(Steady::now() + span); }
  // Whatever is sooner: this deadline, or `span` from now.
  Deadline at_most(std::chrono::milliseconds span) const { return Deadline(std::min(at_, Steady::now() + span)); }
  bool passed() const { return Steady::now() >= at_; }
  std::chrono::milliseconds remaining() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(at_ - Steady::now());
    return left.count() < 0 ? std::chrono::milliseconds(0) : left;
  }
  Steady::time_point at() const { return at_; }

 private:
  explicit Deadline(Steady::time_point at) : at_(at) {}
  Steady::time_point at_;
};

}  // namespace sluice::base
