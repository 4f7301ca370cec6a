#include "data/utf8.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/text.h"

namespace sluice::data {
namespace {

struct Case {
  const char* name;
  std::string bytes;
  std::size_t good;
  Utf8Fault fault;
};

TEST(Utf8, the_place_and_kind_of_a_fault) {
  using namespace std::string_literals;
  const Case cases[] = {
      {"nothing", "", 0, Utf8Fault::none},
      {"one to four bytes", "aä€𝄞", 10, Utf8Fault::none},
      {"a NUL", "ab\0c"s, 2, Utf8Fault::nul},
      {"overlong, two bytes", "a\xC0\x80", 1, Utf8Fault::invalid},
      {"overlong, three bytes", "\xE0\x9F\xBF", 0, Utf8Fault::invalid},
      {"overlong, four bytes", "\xF0\x8F\xBF\xBF", 0, Utf8Fault::invalid},
      {"a surrogate", "\xED\xA0\x80", 0, Utf8Fault::invalid},
      {"the last before the surrogates", "\xED\x9F\xBF", 3, Utf8Fault::none},
      {"above U+10FFFF", "\xF4\x90\x80\x80", 0, Utf8Fault::invalid},
      {"U+10FFFF", "\xF4\x8F\xBF\xBF", 4, Utf8Fault::none},
      {"F5", "\xF5\x80\x80\x80", 0, Utf8Fault::invalid},
      {"a next byte alone", "a\x80", 1, Utf8Fault::invalid},
      {"a lead and ASCII", "\xC3z", 0, Utf8Fault::invalid},
      {"cut off", "ab\xE2\x82", 2, Utf8Fault::cut_off},
      {"cut off after the lead", "ab\xF0", 2, Utf8Fault::cut_off},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    for (const std::size_t before : {0, 1, 61, 62, 63, 64, 65, 16'383}) {
      for (const std::size_t behind : {std::size_t{0}, std::size_t{200}}) {
        if (one.fault == Utf8Fault::cut_off && behind != 0) continue;
        const std::string text = std::string(before, 'x') + one.bytes + std::string(behind, 'y');
        const Utf8Check check = check_utf8(text.data(), text.size());
        EXPECT_EQ(check.good, before + one.good + (one.fault == Utf8Fault::none ? behind : 0));
        EXPECT_EQ(check.fault, one.fault);
      }
    }
  }
}

TEST(Utf8, the_fast_check_agrees_with_the_exact_one) {
  std::mt19937 random(3);
  const std::string pieces[] = {"a", "ä", "€", "𝄞", "\xE0\xA0\x80", "\xED\x9F\xBF", "漢字かな", "some ascii text"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    const std::size_t size = random() % 400;
    while (text.size() < size) text += pieces[random() % 8];
    for (std::size_t hits = random() % 3; hits > 0 && !text.empty(); --hits) text[random() % text.size()] = static_cast<char>(random());
    const Utf8Check exact = check_utf8_exact(text.data(), text.size());
    const Utf8Check fast = check_utf8(text.data(), text.size());
    ASSERT_EQ(fast.good, exact.good);
    ASSERT_EQ(fast.fault, exact.fault);
    const bool nul = text.find('\0') != std::string::npos;
    if (!nul) ASSERT_EQ(exact.fault == Utf8Fault::none, base::is_valid_utf8(text));
  }
}

}  // namespace
}  // namespace sluice::data
