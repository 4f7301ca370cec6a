// The closed lists of words that manifests may use beside the keys, in one place. docs/manifest.md explains them.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace sluice::manifest {

// Rules of data/normalise.h. This folder may not see that one; features/exports/vocabulary_test.cc does.
inline constexpr std::array<std::string_view, 20> kNormaliseRules = {
    "trim",        "email",   "email_google",  "phone",  "phone_digits", "name",         "name_letters", "name_initial", "city", "state",
    "postal_code", "country", "country_upper", "gender", "date",         "date_compact", "year",         "month",        "day",  "guid"};

// Names of attributes that mean the same in every type. A type adds its own as "<id>_…".
inline constexpr std::array<std::string_view, 14> kAttributeNames = {"email",      "phone",  "first_name",  "last_name",   "company_name",
                                                                     "street",     "city",   "state",       "postal_code", "country",
                                                                     "birth_date", "gender", "external_id", "contact_id"};

template <std::size_t N>
constexpr bool contains(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Lower-case letters, digits, '_' and '-', a letter first.
bool is_name(std::string_view text);

}  // namespace sluice::manifest
