#include "data/phone.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "data/normalise.h"

namespace sluice::data {
namespace {

struct Example {
  std::string_view country, national, international, e164;
};
constexpr Example kExamples[] = {
#include "data/phone_examples.inc"
};

std::string phone(std::string_view text, std::string_view country = "", std::string_view rule = "phone") {
  std::string scratch;
  const Normalised result = Normaliser::find(rule)(text, {.default_country = std::string(country)}, scratch);
  return std::string(result.fault.empty() ? result.text : result.fault);
}

TEST(Phone, ReadsTheExampleNumbersOfEveryCountryAsItsPeopleWriteThem_EXP_42) {
  for (const Example& example : kExamples) {
    EXPECT_EQ(phone(example.national, example.country), example.e164) << example.country << " " << example.national;
    EXPECT_EQ(phone(example.international), example.e164) << example.international;
    EXPECT_EQ(phone(example.international, "DK"), example.e164) << example.international;
    EXPECT_EQ(phone(example.e164), example.e164);
    EXPECT_EQ(phone("00" + std::string(example.e164.substr(1)), "DK"), example.e164);
    EXPECT_EQ(phone(example.e164, "", "phone_digits"), example.e164.substr(1));
  }
}

TEST(Phone, NeedsACountryForANumberWithoutCountryCode_C_081) {
  EXPECT_EQ(phone("23 45 67 89", "DK"), "+4523456789");
  EXPECT_EQ(phone("23 45 67 89", "dk"), "+4523456789");
  EXPECT_EQ(phone("23 45 67 89"), "phone.no_country");
  EXPECT_EQ(phone("23 45 67 89", "XX"), "phone.no_country");
  EXPECT_EQ(phone("23 45 67 89", "Denmark"), "phone.no_country");
  EXPECT_EQ(phone("+4523456789", "", "phone_digits"), "4523456789");
}

TEST(Phone, ReducesWhatGoogleAndMetaPublishedAsExamples_C_080) {
  EXPECT_EQ(phone("+1 (800) 555-0102"), "+18005550102");
  for (const auto* text : {"+18005550100", "   +1-800-555-0100", "1-800-555-0100   ", "1 800 555 0100", "18005550100", "800 555 0100"})
    EXPECT_EQ(phone(text, "US"), "+18005550100") << text;
  EXPECT_EQ(phone("441134960987", "GB"), "+441134960987");
  EXPECT_EQ(phone("+1 (616) 954-78 88", "US", "phone_digits"), "16169547888");
  EXPECT_EQ(phone("1(650)123-4567", "US", "phone_digits"), "16501234567");
  EXPECT_EQ(phone("+001 (616) 954-78 88", "US", "phone_digits"), "16169547888");
  EXPECT_EQ(phone("01(650)123-4567", "US", "phone_digits"), "16501234567");
  EXPECT_EQ(phone("4792813113", "NO", "phone_digits"), "4792813113");
  EXPECT_EQ(phone("0015551234567", "", "phone_digits"), "15551234567");
  EXPECT_EQ(phone("+44 (0)113 496 0987", "", "phone_digits"), "441134960987");
}

TEST(Phone, DialsAbroadAsPeopleOfTheCountryDo_EXP_42) {
  EXPECT_EQ(phone("011 45 23 45 67 89", "US"), "+4523456789");
  EXPECT_EQ(phone("0011 44 113 496 0987", "AU"), "+441134960987");
  EXPECT_EQ(phone("8 (495) 123-45-67", "RU"), "+74951234567");
  EXPECT_EQ(phone("+7 8 495 123 45 67"), "+74951234567");
  EXPECT_EQ(phone("+39 06 1234 5678"), "+390612345678");
  EXPECT_EQ(phone("+49 (0) 30 123456"), "+4930123456");
  EXPECT_EQ(phone("+52 1 55 1234 5678"), "+525512345678");
}

TEST(Phone, LeavesExtensionsOut_EXP_42) {
  for (const auto* text :
       {"+1 800 555 0100 x12", "+1 800 555 0100 ext. 12", "+18005550100;ext=12", "+1 800 555 0100 #12", "tel:+1-800-555-0100"})
    EXPECT_EQ(phone(text), "+18005550100") << text;
}

TEST(Phone, ReadsDigitsAndSignsOfAnyScript_EXP_42) {
  EXPECT_EQ(phone("＋４５ ２３ ４５ ６７ ８９"), "+4523456789");
  EXPECT_EQ(phone("٢٣٤٥٦٧٨٩", "DK"), "+4523456789");
  EXPECT_EQ(phone("\u202a+45 23\u00a045\u2013 67 89\u202c"), "+4523456789");
}

TEST(Phone, RefusesWhatCannotBeANumber_EXP_42) {
  for (const auto* text : {"+", "+0123456789", "+1234567890123456", "+45 2345678", "+999 1234567", " +A BCD EFG ", "1-800-FLOWERS",
                           "+45 23456789 or home", "12+34", "++4523456789", "000", "漢字", "+45\xF0\x9F\x98\x80", "-"})
    EXPECT_EQ(phone(text, "DK"), "phone.bad") << text;
  EXPECT_EQ(phone(std::string(1 << 20, '4'), "DK"), "phone.bad");
}

TEST(Phone, RefusesLocalMobileNumbersOfArgentinaRatherThanGuess_EXP_42) {
  EXPECT_EQ(phone("011 15-2345-6789", "AR"), "phone.bad");
  EXPECT_EQ(phone("+54 9 11 2345-6789", "AR"), "+5491123456789");
}

TEST(Phone, YieldsNothingButE164_EXP_42) {
  const std::regex e164("^\\+[1-9]\\d{6,14}$");
  std::string scratch;
  const auto rule = Normaliser::find("phone");
  std::uint32_t state = 1;
  const std::string signs = "0123456789+ -()x";
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    state = state * 1'664'525U + 1'013'904'223U;
    for (std::uint32_t n = (state >> 8) % 18; n > 0; --n) {
      state = state * 1'664'525U + 1'013'904'223U;
      text.push_back(signs[(state >> 10) % signs.size()]);
    }
    const Normalised result = rule(text, {.default_country = i % 2 == 0 ? "DK" : "US"}, scratch);
    if (!result.text.empty()) EXPECT_TRUE(std::regex_match(std::string(result.text), e164)) << text << " " << result.text;
  }
}

}  // namespace
}  // namespace sluice::data
