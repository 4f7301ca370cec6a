// Id<Tag>: a UUIDv7 (RFC 9562) with a type, so that an ExportId does not compile where a ConnectionId is wanted.
// Lower-case text on the wire and in the database; version 7 keeps indexes and lists in the order of creation.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace sluice::base {

using Uuid = std::array<unsigned char, 16>;

Uuid make_uuid_v7(Timestamp now);
std::string format_uuid(const Uuid& uuid);
// Any version; 36 characters, either case. Empty when malformed.
std::optional<Uuid> parse_uuid(std::string_view text);

template <class Tag>
class Id {
 public:
  Id() = default;  // the nil id: "not set"

  static Id make(Timestamp now = system_now()) { return Id(make_uuid_v7(now)); }
  static std::optional<Id> parse(std::string_view text) {
    const auto uuid = parse_uuid(text);
    if (!uuid) return std::nullopt;
    return Id(*uuid);
  }

  bool is_nil() const { return bytes_ == Uuid{}; }
  std::string str() const { return format_uuid(bytes_); }
  const Uuid& bytes() const { return bytes_; }
  auto operator<=>(const Id&) const = default;

 private:
  explicit Id(const Uuid& bytes) : bytes_(bytes) {}
  Uuid bytes_{};
};

using UserId = Id<struct UserTag>;

}  // namespace sluice::base
