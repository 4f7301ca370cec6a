// Values of people made canonical, so that the same person hashes alike on both sides. Rules differ by platform and are therefore
// named by what they yield, not by whom they serve; a manifest picks one per attribute. Sources of the rules: docs/normalise.md.
// A change of what a rule yields raises kNormaliserVersion, since every hash made before it then names somebody else (C-084).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::data {

inline constexpr std::uint32_t kNormaliserVersion = 1;

struct NormaliseOptions {
  std::string default_country;  // "DK": for phone numbers without a country code; empty: such numbers are faults
};

// Text and fault both empty: nothing is left of the value (it was blank, or only punctuation), so it is as absent as a null and must
// not be hashed.
struct Normalised {
  std::string_view text;   // in `scratch` or in the value; empty with a fault
  std::string_view fault;  // a code, empty when there is none: "text.not_utf8", "email.bad", "phone.no_country", "phone.bad",
                           // "country.bad", "gender.bad", "date.bad", "guid.bad"
};

// A rule by its name; nullptr for an unknown one. `scratch` belongs to the caller and is overwritten; the value must not lie in it. Any
// thread. Names:
//   trim            outer blanks off
//   email           trimmed, lower case; one '@', no blanks inside, or a fault
//   email_google    as email; for gmail.com and googlemail.com no dots before the '@'
//   email_google_plus   as email_google, and there no +suffix either
//   phone           E.164 with '+'
//   phone_digits    E.164 digits without '+'
//   name            trimmed, lower case (Unicode)
//   name_letters    as name, without punctuation
//   name_initial    the first letter of `name_letters`
//   city            lower case, without blanks and punctuation
//   state           lower case, without blanks and punctuation; names of US states as their two letters
//   postal_code     lower case, without blanks and hyphens; of the US five digits
//   country         ISO 3166-1 alpha-2, lower case, from code or English name
//   country_upper   the same in upper case
//   gender          f or m
//   date            yyyy-mm-dd      date_compact  yyyymmdd      year, month, day   yyyy, mm, dd
//   guid            36 characters, lower case
class Normaliser {
 public:
  using Rule = Normalised (*)(std::string_view value, const NormaliseOptions& options, std::string& scratch);
  static Rule find(std::string_view name);
};

// 64 hexadecimal digits, outer blanks aside: a SHA-256 already. Where a column is said to hold such, anything else is a fault, above all
// a text with '@' (C-083); where it is not, it must not be hashed again (C-082). Sent trimmed and in lower case.
bool looks_hashed(std::string_view value);

// SHA-256 of many short texts. One per thread: it keeps its state between calls.
class Hasher {
 public:
  // `portable` never uses the processor's own instructions, for comparison.
  enum class Use : std::uint8_t { fastest, portable };
  explicit Hasher(Use use = Use::fastest);
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  // 64 lower-case hexadecimal digits into `out`, which has room for them.
  void sha256_hex(std::string_view text, char* out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::data
