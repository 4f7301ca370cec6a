#include "base/id.h"

#include <cstdint>

#include "base/random.h"

namespace sluice::base {

Uuid make_uuid_v7(Timestamp now) {
  // 48 bits of milliseconds, 12 bits of the microseconds within (RFC 9562 6.2 method 3) so that ids made one after the
  // other sort in that order, the rest random.
  thread_local std::int64_t last = 0;
  std::int64_t micros = to_micros(now);
  if (micros <= last && last - micros < 1000) micros = last + 1;
  last = micros;
  Uuid id{};
  fill_random(id);
  const auto millis = static_cast<std::uint64_t>(micros / 1000);
  for (int i = 0; i < 6; ++i) id[static_cast<std::size_t>(i)] = static_cast<unsigned char>(millis >> (40 - 8 * i));
  const auto fraction = static_cast<std::uint64_t>(micros % 1000) * 4096 / 1000;
  id[6] = static_cast<unsigned char>(0x70 | (fraction >> 8));
  id[7] = static_cast<unsigned char>(fraction);
  id[8] = static_cast<unsigned char>(0x80 | (id[8] & 0x3F));
  return id;
}

std::string format_uuid(const Uuid& uuid) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[uuid[i] >> 4];
    text += kHex[uuid[i] & 15];
  }
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid uuid{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < 36;) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i++] != '-') return std::nullopt;
      continue;
    }
    int value = 0;
    for (int half = 0; half < 2; ++half, ++i) {
      const char c = text[i];
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (digit < 0) return std::nullopt;
      value = value * 16 + digit;
    }
    uuid[at++] = static_cast<unsigned char>(value);
  }
  return uuid;
}

}  // namespace sluice::base
