// Inside of the normaliser: telephone numbers as E.164, by libphonenumber. Numbers are checked by country code and length, not against the
// list of what was given out, which changes weekly: a number that may exist is taken.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::data {

// Digits of the number with its country code, without '+', in `out`. Returns a fault, empty when there is none:
//   phone.no_country  it has no country code, and `default_country` ("DK") is empty or unknown
//   phone.bad         no number, or one that cannot exist there
// `text` is valid UTF-8 without outer blanks, and not empty. `thorough` asks the library about every number, for comparison.
enum class PhoneReading : std::uint8_t { fastest, thorough };
std::string_view read_phone(std::string_view text, std::string_view default_country, std::string& out,
                            PhoneReading reading = PhoneReading::fastest);

}  // namespace sluice::data
