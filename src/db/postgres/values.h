// Values in PostgreSQL's binary format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/db.h"

namespace sluice::db::postgres {

// Numbers of the types in pg_type; fixed for ever.
enum class TypeId : std::uint32_t {
  unknown = 0,
  boolean = 16,
  bytea = 17,
  one_char = 18,
  name = 19,
  int8 = 20,
  int2 = 21,
  int4 = 23,
  text = 25,
  oid = 26,
  float4 = 700,
  float8 = 701,
  bpchar = 1042,
  varchar = 1043,
  numeric = 1700
};

inline std::uint64_t to_big_endian(std::uint64_t v) { return __builtin_bswap64(v); }
template <class T>
T read_big_endian(const char* bytes) {
  T out;
  std::memcpy(&out, bytes, sizeof out);
  if constexpr (sizeof(T) == 8)
    return static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(out)));
  else if constexpr (sizeof(T) == 4)
    return static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(out)));
  else
    return static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(out)));
}

// The arrays that libpq wants; points into the values it was made of.
struct Parameters {
  explicit Parameters(std::span<const Value> from);
  std::vector<TypeId> types;
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;

 private:
  std::vector<std::uint64_t> numbers_;
};

TypeId type_of(const Value& value);
// Empty when the type is not one of the common subset.
std::optional<Value> decode(TypeId type, std::string_view bytes);

}  // namespace sluice::db::postgres
