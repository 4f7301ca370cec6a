#include "data/phone.h"

#include <gtest/gtest.h>

#include <random>
#include <regex>
#include <string>

#include "data/normalise.h"

namespace sluice::data {
namespace {

struct Example {
  std::string_view country, national, international, e164;
};
constexpr Example kExamples[] = {
    {"AR", "011 2345-6789", "+54 11 2345-6789", "+541123456789"},
    {"AU", "(02) 1234 5678", "+61 2 1234 5678", "+61212345678"},
    {"AU", "0412 345 678", "+61 412 345 678", "+61412345678"},
    {"BR", "(11) 2345-6789", "+55 11 2345-6789", "+551123456789"},
    {"BR", "(11) 96123-4567", "+55 11 96123-4567", "+5511961234567"},
    {"BY", "8 0152 45-09-11", "+375 152 45-09-11", "+375152450911"},
    {"BY", "8 029 491-19-11", "+375 29 491-19-11", "+375294911911"},
    {"CA", "(506) 234-5678", "+1 506-234-5678", "+15062345678"},
    {"CH", "021 234 56 78", "+41 21 234 56 78", "+41212345678"},
    {"CH", "078 123 45 67", "+41 78 123 45 67", "+41781234567"},
    {"CI", "21 23 4 56789", "+225 21 23 4 56789", "+2252123456789"},
    {"CI", "01 23 45 6789", "+225 01 23 45 6789", "+2250123456789"},
    {"CN", "010 1234 5678", "+86 10 1234 5678", "+861012345678"},
    {"CN", "131 2345 6789", "+86 131 2345 6789", "+8613123456789"},
    {"DE", "030 123456", "+49 30 123456", "+4930123456"},
    {"DE", "01512 3456789", "+49 1512 3456789", "+4915123456789"},
    {"DK", "32 12 34 56", "+45 32 12 34 56", "+4532123456"},
    {"EG", "02 34567890", "+20 2 34567890", "+20234567890"},
    {"EG", "0100 123 4567", "+20 100 123 4567", "+201001234567"},
    {"ES", "810 12 34 56", "+34 810 12 34 56", "+34810123456"},
    {"ES", "612 34 56 78", "+34 612 34 56 78", "+34612345678"},
    {"FI", "013 1234567", "+358 13 1234567", "+358131234567"},
    {"FI", "041 2345678", "+358 41 2345678", "+358412345678"},
    {"FR", "01 23 45 67 89", "+33 1 23 45 67 89", "+33123456789"},
    {"FR", "06 12 34 56 78", "+33 6 12 34 56 78", "+33612345678"},
    {"GB", "0121 234 5678", "+44 121 234 5678", "+441212345678"},
    {"GB", "07400 123456", "+44 7400 123456", "+447400123456"},
    {"HU", "(06 1) 234 5678", "+36 1 234 5678", "+3612345678"},
    {"HU", "06 20 123 4567", "+36 20 123 4567", "+36201234567"},
    {"ID", "(021) 8350123", "+62 21 8350123", "+62218350123"},
    {"ID", "0812-345-678", "+62 812-345-678", "+62812345678"},
    {"IE", "(022) 12345", "+353 22 12345", "+3532212345"},
    {"IE", "085 012 3456", "+353 85 012 3456", "+353850123456"},
    {"IL", "02-123-4567", "+972 2-123-4567", "+97221234567"},
    {"IL", "050-234-5678", "+972 50-234-5678", "+972502345678"},
    {"IN", "074104 10123", "+91 74104 10123", "+917410410123"},
    {"IN", "081234 56789", "+91 81234 56789", "+918123456789"},
    {"IT", "02 1234 5678", "+39 02 1234 5678", "+390212345678"},
    {"IT", "312 345 6789", "+39 312 345 6789", "+393123456789"},
    {"JP", "03-1234-5678", "+81 3-1234-5678", "+81312345678"},
    {"JP", "090-1234-5678", "+81 90-1234-5678", "+819012345678"},
    {"KR", "02-212-3456", "+82 2-212-3456", "+8222123456"},
    {"KR", "010-2000-0000", "+82 10-2000-0000", "+821020000000"},
    {"KZ", "8 (71234) 5 67 89", "+7 71234 5 67 89", "+77123456789"},
    {"KZ", "8 (771) 000 9998", "+7 771 000 9998", "+77710009998"},
    {"LI", "234 56 78", "+423 234 56 78", "+4232345678"},
    {"LI", "660 234 567", "+423 660 234 567", "+423660234567"},
    {"LT", "(8-312) 34567", "+370 312 34567", "+37031234567"},
    {"LT", "(8-612) 34567", "+370 612 34567", "+37061234567"},
    {"MX", "200 123 4567", "+52 200 123 4567", "+522001234567"},
    {"MX", "222 123 4567", "+52 222 123 4567", "+522221234567"},
    {"NG", "01 804 0123", "+234 1 804 0123", "+23418040123"},
    {"NG", "0802 123 4567", "+234 802 123 4567", "+2348021234567"},
    {"NL", "010 123 4567", "+31 10 123 4567", "+31101234567"},
    {"NL", "06 12345678", "+31 6 12345678", "+31612345678"},
    {"NO", "21 23 45 67", "+47 21 23 45 67", "+4721234567"},
    {"NO", "406 12 345", "+47 406 12 345", "+4740612345"},
    {"NZ", "03 234 5678", "+64 3 234 5678", "+6432345678"},
    {"NZ", "021 123 4567", "+64 21 123 4567", "+64211234567"},
    {"PL", "12 345 67 89", "+48 12 345 67 89", "+48123456789"},
    {"PL", "512 345 678", "+48 512 345 678", "+48512345678"},
    {"RU", "8 (301) 123-45-67", "+7 301 123-45-67", "+73011234567"},
    {"RU", "8 (912) 345-67-89", "+7 912 345-67-89", "+79123456789"},
    {"SA", "011 234 5678", "+966 11 234 5678", "+966112345678"},
    {"SA", "051 234 5678", "+966 51 234 5678", "+966512345678"},
    {"SE", "08-12 34 56", "+46 8 12 34 56", "+468123456"},
    {"SE", "070-123 45 67", "+46 70 123 45 67", "+46701234567"},
    {"SM", "0549 886377", "+378 0549 886377", "+3780549886377"},
    {"SM", "66 66 12 12", "+378 66 66 12 12", "+37866661212"},
    {"TR", "(0212) 345 67 89", "+90 212 345 67 89", "+902123456789"},
    {"TR", "0501 234 56 78", "+90 501 234 56 78", "+905012345678"},
    {"UA", "03112 34567", "+380 3112 34567", "+380311234567"},
    {"UA", "050 123 4567", "+380 50 123 4567", "+380501234567"},
    {"US", "(201) 555-0123", "+1 201-555-0123", "+12015550123"},
    {"VN", "0210 1234 567", "+84 210 1234 567", "+842101234567"},
    {"VN", "091 234 56 78", "+84 91 234 56 78", "+84912345678"},
    {"ZA", "010 123 4567", "+27 10 123 4567", "+27101234567"},
    {"ZA", "071 123 4567", "+27 71 123 4567", "+27711234567"},
};

std::string phone(std::string_view text, std::string_view country = "", std::string_view rule = "phone") {
  std::string scratch;
  const Normalised result = Normaliser::find(rule)(text, {.default_country = std::string(country)}, scratch);
  return std::string(result.fault.empty() ? result.text : result.fault);
}

TEST(Phone, EXP_42_ReadsNumbersAsThePeopleOfEachCountryWriteThem) {
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

TEST(Phone, EXP_42_DialsAbroadAsPeopleOfTheCountryDo) {
  EXPECT_EQ(phone("011 45 23 45 67 89", "US"), "+4523456789");
  EXPECT_EQ(phone("0011 44 113 496 0987", "AU"), "+441134960987");
  EXPECT_EQ(phone("8 (495) 123-45-67", "RU"), "+74951234567");
  EXPECT_EQ(phone("+7 8 495 123 45 67"), "+74951234567");
  EXPECT_EQ(phone("+39 06 1234 5678"), "+390612345678");
  EXPECT_EQ(phone("+49 (0) 30 123456"), "+4930123456");
  EXPECT_EQ(phone("+52 1 55 1234 5678"), "+525512345678");
}

TEST(Phone, EXP_42_LeavesExtensionsOut) {
  for (const auto* text :
       {"+1 800 555 0100 x12", "+1 800 555 0100 ext. 12", "+18005550100;ext=12", "+1 800 555 0100 #12", "tel:+1-800-555-0100"})
    EXPECT_EQ(phone(text), "+18005550100") << text;
}

TEST(Phone, EXP_42_ReadsDigitsAndSignsOfAnyScript) {
  EXPECT_EQ(phone("＋４５ ２３ ４５ ６７ ８９"), "+4523456789");
  EXPECT_EQ(phone("٢٣٤٥٦٧٨٩", "DK"), "+4523456789");
  EXPECT_EQ(phone("\u202a+45 23\u00a045\u2013 67 89\u202c"), "+4523456789");
}

TEST(Phone, EXP_42_RefusesWhatCannotBeANumber) {
  for (const auto* text : {"+", "+0123456789", "+1234567890123456", "+45 2345678", "+999 1234567", " +A BCD EFG ", "1-800-FLOWERS",
                           "+45 23456789 or home", "12+34", "++4523456789", "000", "漢字", "+45\xF0\x9F\x98\x80", "-"})
    EXPECT_EQ(phone(text, "DK"), "phone.bad") << text;
  EXPECT_EQ(phone(std::string(1 << 20, '4'), "DK"), "phone.bad");
}

TEST(Phone, EXP_42_MovesTheMobilePrefixOfArgentina) {
  EXPECT_EQ(phone("011 15-2345-6789", "AR"), "+5491123456789");
  EXPECT_EQ(phone("+54 9 11 2345-6789", "AR"), "+5491123456789");
}

TEST(Phone, EXP_42_ReadsPlainNumbersAsTheLibraryDoes) {
  const char* const regions[] = {"US", "CA", "GB", "DE", "FR", "NL", "BE", "CH", "AT", "SE", "IE", "AU",
                                 "NZ", "IN", "DK", "NO", "ES", "PT", "CZ", "GR", "PL", "SG", "HK"};
  const char* const codes[] = {"1",  "44", "49", "33", "31", "32",  "41",  "43", "46", "353", "61",
                               "64", "91", "45", "47", "34", "351", "420", "30", "48", "65",  "852"};
  std::mt19937 random(11);
  const auto compare = [](const std::string& text, const char* region) {
    std::string fast, thorough;
    const std::string_view a = read_phone(text, region, fast);
    const std::string_view b = read_phone(text, region, thorough, PhoneReading::thorough);
    ASSERT_EQ(a, b) << text << " " << region;
    if (a.empty()) ASSERT_EQ(fast, thorough) << text << " " << region;
  };
  for (std::size_t length = 3; length <= 16; ++length) {
    for (int round = 0; round < 60; ++round) {
      std::string digits;
      for (std::size_t i = 0; i < length; ++i) digits.push_back(static_cast<char>('0' + random() % 10));
      for (const char* const region : regions) {
        compare(digits, region);
        compare("0" + digits, region);
      }
      for (const char* const code : codes) compare("+" + std::string(code) + digits, "");
    }
  }
}

TEST(Phone, EXP_42_YieldsNothingButE164) {
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
