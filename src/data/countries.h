// Inside of the normaliser: countries and states by the names people write.
#pragma once

#include <string_view>

namespace sluice::data {

// ISO 3166-1 alpha-2 in lower case from "DK", "DNK", "Denmark" or another usual English name, accents and case aside. Empty when unknown.
// Valid UTF-8 without outer blanks.
std::string_view find_country(std::string_view text);

// The two letters of a US state, district or territory, lower case, by its name in lower case without blanks and punctuation
// ("northdakota"). Empty when it is none.
std::string_view find_us_state(std::string_view name);

}  // namespace sluice::data
