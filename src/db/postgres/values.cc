#include "db/postgres/values.h"

#include <bit>
#include <charconv>
#include <limits>

namespace sluice::db::postgres {

namespace {

constexpr std::uint16_t kNegative = 0x4000;

// sum() of a BIGINT is NUMERIC here and an integer on SQLite: whole numbers come out as int64, others as double.
std::optional<Value> decode_numeric(std::string_view bytes) {
  if (bytes.size() < 8) return std::nullopt;
  const int groups = read_big_endian<std::int16_t>(bytes.data());
  const int weight = read_big_endian<std::int16_t>(bytes.data() + 2);
  const auto sign = read_big_endian<std::uint16_t>(bytes.data() + 4);
  const int scale = read_big_endian<std::int16_t>(bytes.data() + 6);
  if (bytes.size() != 8 + 2 * static_cast<std::size_t>(groups) || (sign != 0 && sign != kNegative)) return std::nullopt;
  const auto group = [&](int i) { return i < groups ? read_big_endian<std::int16_t>(bytes.data() + 8 + 2 * i) : std::int16_t{0}; };

  if (scale == 0 && weight <= 4) {
    __extension__ __int128 whole = 0;
    for (int i = 0; i <= weight; ++i) whole = whole * 10000 + group(i);
    if (sign == kNegative) whole = -whole;
    if (whole >= INT64_MIN && whole <= INT64_MAX) return Value(static_cast<std::int64_t>(whole));
  }
  std::string digits = sign == kNegative ? "-" : "";
  for (int i = 0; i < groups; ++i) digits += std::to_string(10000 + group(i)).substr(1);
  digits += "e" + std::to_string(4 * (weight + 1 - groups));
  if (groups == 0) digits = "0";
  double out = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return Value(out);
}

}  // namespace

TypeId type_of(const Value& value) {
  // The first is for null, which to_dollar_placeholders() writes into the text; the parameter is not used, but needs a type.
  static constexpr TypeId kTypes[] = {TypeId::text, TypeId::int8, TypeId::float8, TypeId::boolean, TypeId::text, TypeId::bytea};
  return kTypes[value.index()];
}

Parameters::Parameters(std::span<const Value> from) {
  types.reserve(from.size());
  values.reserve(from.size());
  lengths.reserve(from.size());
  formats.assign(from.size(), 1);
  numbers_.reserve(from.size());  // pointers into it must stay
  const auto number = [&](std::uint64_t big_endian, int length) {
    numbers_.push_back(big_endian);
    values.push_back(reinterpret_cast<const char*>(&numbers_.back()));
    lengths.push_back(length);
  };
  const auto bytes = [&](const std::string& text) {
    values.push_back(text.data());
    lengths.push_back(static_cast<int>(text.size()));
  };
  for (const Value& value : from) {
    types.push_back(type_of(value));
    if (const auto* whole = std::get_if<std::int64_t>(&value))
      number(to_big_endian(static_cast<std::uint64_t>(*whole)), 8);
    else if (const auto* real = std::get_if<double>(&value))
      number(to_big_endian(std::bit_cast<std::uint64_t>(*real)), 8);
    else if (const auto* flag = std::get_if<bool>(&value))
      number(*flag ? 1 : 0, 1);
    else if (const auto* text = std::get_if<std::string>(&value))
      bytes(*text);
    else if (const auto* blob = std::get_if<Blob>(&value))
      bytes(blob->bytes);
    else {
      values.push_back(nullptr);
      lengths.push_back(0);
    }
  }
}

std::optional<Value> decode(TypeId type, std::string_view bytes) {
  const char* at = bytes.data();
  const auto sized = [&](std::size_t size, auto&& make) { return bytes.size() == size ? std::optional(Value(make())) : std::nullopt; };
  switch (type) {
    case TypeId::boolean:
      return sized(1, [&] { return *at != 0; });
    case TypeId::int8:
      return sized(8, [&] { return read_big_endian<std::int64_t>(at); });
    case TypeId::int4:
      return sized(4, [&] { return std::int64_t{read_big_endian<std::int32_t>(at)}; });
    case TypeId::int2:
      return sized(2, [&] { return std::int64_t{read_big_endian<std::int16_t>(at)}; });
    case TypeId::oid:
      return sized(4, [&] { return std::int64_t{read_big_endian<std::uint32_t>(at)}; });
    case TypeId::float8:
      return sized(8, [&] { return std::bit_cast<double>(read_big_endian<std::uint64_t>(at)); });
    case TypeId::float4:
      return sized(4, [&] { return double{std::bit_cast<float>(read_big_endian<std::uint32_t>(at))}; });
    case TypeId::numeric:
      return decode_numeric(bytes);
    case TypeId::bytea:
      return Value(Blob{std::string(bytes)});
    case TypeId::unknown:
      return std::nullopt;
    case TypeId::one_char:
    case TypeId::name:
    case TypeId::text:
    case TypeId::bpchar:
    case TypeId::varchar:
      return Value(std::string(bytes));
  }
  return std::nullopt;
}

}  // namespace sluice::db::postgres
