#include "drivers/http_json/encode.h"

#include <gtest/gtest.h>

#include "drivers/http_json/mask.h"
#include "drivers/http_json/testing.h"

namespace sluice::drivers::http_json {
namespace {

using base::json::Value;

class Encode : public testing::Test {
 protected:
  Encode() {
    connector_ = connector_of(R"(  upsert:
    rows: 1
    steps:
      - request: { method: POST, path: /in, body: { a: "${email}" } }
)");
    target_.connector = connector_.get();
    target_.settings.set("server", "https://api.example.com:8443/base/");
    target_.settings.set("name", "Ada \"A\" L/é");
    target_.secrets.emplace("key", base::Secret("abc-us21"));
    plan_.columns = {{"email", "EMAIL", base::ColumnType::text, true},
                     {"first_name", "FNAME", base::ColumnType::text, false},
                     {"phone", "phone", base::ColumnType::decimal, false},
                     {"played_age", "AGE", base::ColumnType::integer, false}};
  }

  std::string row(std::string_view json, std::initializer_list<std::string> values) {
    RowBlock block(4);
    std::vector<base::Cell> cells;
    for (const std::string& value : values) cells.push_back(base::Cell::of(value));
    cells.resize(4);
    block.add(1, "k", 1, cells);
    const auto parsed = base::json::parse(json);
    EXPECT_TRUE(parsed.ok()) << json;
    std::string out;
    Template(*parsed, Names(target_, &plan_, "upsert")).append(out, {.block = &block, .id = "77"});
    EXPECT_TRUE(base::json::parse(out, {.big_as_text = true}).ok()) << out;
    return out;
  }
  std::string text(std::string_view in, Inside inside) const { return Text(in, Names(target_, &plan_, "upsert"), inside).str(); }

  std::shared_ptr<const manifest::Connector> connector_;
  Target target_;
  RowsPlan plan_;
};

TEST_F(Encode, C_086_a_member_of_an_empty_attribute_is_left_out_wherever_it_stands) {
  const char* all = R"({"a":"${email}","b":"${first_name}","c":"${played_age}"})";
  EXPECT_EQ(row(all, {"x", "y", "", "1"}), R"({"a":"x","b":"y","c":1})");
  EXPECT_EQ(row(all, {"", "y", "", ""}), R"({"b":"y"})");
  EXPECT_EQ(row(all, {"", "", "", "1"}), R"({"c":1})");
  EXPECT_EQ(row(all, {"", "", "", ""}), "{}");
  EXPECT_EQ(row(R"({"a":"${email}","k":1,"b":"${first_name}","l":null,"c":"${phone}"})", {"", "", "", ""}), R"({"k":1,"l":null})");
  EXPECT_EQ(row(R"({"a":{"b":"${email}"},"c":{"d":"${first_name}"}})", {"", "y", "", ""}), R"({"a":{},"c":{"d":"y"}})");
  EXPECT_EQ(row(R"({"whole":"${attributes}"})", {"x", "", "", "5"}), R"({"whole":{"EMAIL":"x","AGE":5}})");
  EXPECT_EQ(row(R"("${values}")", {"x", "", "", "5"}), R"(["x","","",5])");
}

TEST_F(Encode, C_086_a_list_has_no_items_without_a_value) {
  const char* ids = R"({"ids":[{"mail":"${email}"},{"phone":"${first_name}"},{"address":{"town":"${phone}"}}]})";
  EXPECT_EQ(row(ids, {"x", "y", "1.5", ""}), R"({"ids":[{"mail":"x"},{"phone":"y"},{"address":{"town":1.5}}]})");
  EXPECT_EQ(row(ids, {"", "y", "", ""}), R"({"ids":[{"phone":"y"}]})");
  EXPECT_EQ(row(ids, {"x", "", "", ""}), R"({"ids":[{"mail":"x"}]})");
  EXPECT_EQ(row(ids, {"", "", "", ""}), R"({"ids":[]})");
  EXPECT_EQ(row(R"({"l":["${email}","${first_name}","fixed"]})", {"", "y", "", ""}), R"({"l":["y","fixed"]})");
  EXPECT_EQ(row(R"([{},{"a":{}},"x"])", {"", "", "", ""}), R"([{},{"a":{}},"x"])");
}

TEST_F(Encode, C_101_numbers_arrive_as_they_were_written) {
  for (const std::string number : {"9007199254740993", "-9223372036854775808", "18446744073709551615", "0", "-1", "1E5"})
    EXPECT_EQ(row(R"({"n":"${played_age}"})", {"", "", "", number}), "{\"n\":" + number + "}");
  EXPECT_EQ(row(R"({"n":"${phone}"})", {"", "", "0.1234567890123456789", ""}), R"({"n":0.1234567890123456789})");
  EXPECT_EQ(row(R"({"n":"${phone}"})", {"", "", "1.10", ""}), R"({"n":1.10})");
  // What only looks like a number is text, and text that is one stays text unless the manifest says otherwise.
  for (const std::string odd : {"007", "+1", ".5", "5.", "1e", "-", "NaN", "1,5", "0x1F"})
    EXPECT_EQ(row(R"({"n":"${phone}"})", {"", "", odd, ""}), "{\"n\":\"" + odd + "\"}");
  EXPECT_EQ(row(R"({"n":"${email}","m":"${email|number}"})", {"00123", "", "", ""}), R"({"n":"00123","m":"00123"})");
  EXPECT_EQ(row(R"({"n":"${email}","m":"${email|number}"})", {"123", "", "", ""}), R"({"n":"123","m":123})");
}

TEST_F(Encode, C_100_no_value_becomes_structure) {
  const std::string evil = "\",\"admin\":true,\"x\":\"";
  EXPECT_EQ(row(R"({"a":"${email}"})", {evil}), R"({"a":"\",\"admin\":true,\"x\":\""})");
  EXPECT_EQ(row(R"({"a":"Hi ${email}!"})", {evil}), R"({"a":"Hi \",\"admin\":true,\"x\":\"!"})");
  EXPECT_EQ(row(R"({"a":"${email}"})", {"${first_name} {{x}}", "y"}), R"({"a":"${first_name} {{x}}"})");
  // Every control character, quote and backslash at every place of a word, beside text that is not ASCII.
  for (int c = 0; c < 0x80; ++c) {
    for (std::size_t at = 0; at < 17; ++at) {
      for (const char* around : {"abcdefghijklmnopq", "abcdefghijklmno\xC3\xA9"}) {
        std::string value = around;
        if (at > 14 && value[15] == '\xC3') continue;
        value[at] = static_cast<char>(c);
        std::string out;
        append_json_text(out, value);
        const auto parsed = base::json::parse(out);
        ASSERT_TRUE(parsed.ok()) << out;
        ASSERT_EQ(parsed->text(), value);
      }
    }
  }
  std::string out;
  append_json_text(out, "bad \xC3 utf");
  EXPECT_EQ(base::json::parse(out)->text(), "bad \xEF\xBF\xBD utf");
}

TEST_F(Encode, C_100_texts_and_filters_are_as_the_manifest_says) {
  EXPECT_EQ(row(R"({"a":"${email|lower}","b":"${email|upper}","c":"${email|base64}","d":"${id}","e":"${first_name|lower}"})",
                {"ÄbC", "", "", ""}),
            R"({"a":"äbc","b":"ÄBC","c":"w4RiQw==","d":"77"})");
  EXPECT_EQ(row(R"({"n":"${name}","o":"${operation}","u":"${nobody}"})", {"x"}), R"({"n":"Ada \"A\" L/é","o":"upsert"})");
  EXPECT_EQ(text("${key|datacenter}", Inside::plain), "us21");
  EXPECT_EQ(text("https://${key|datacenter}.example.com/${name}", Inside::address), "https://us21.example.com/Ada%20%22A%22%20L%2F%C3%A9");
  EXPECT_EQ(text("${server}/x/${name|url}", Inside::address), "https://api.example.com:8443/base/x/Ada%20%22A%22%20L%2F%C3%A9");
  EXPECT_EQ(text("any(email,[\"${name}\"])", Inside::query), "any(email,%5B%22Ada%20%22A%22%20L%2F%C3%A9%22%5D)");
  EXPECT_EQ(text("${server}", Inside::address), "https://api.example.com:8443/base/");
  // A URL of the connection is an address only where an address begins.
  EXPECT_EQ(text("https://a.example.com/?back=${server}", Inside::address),
            "https://a.example.com/?back=https%3A%2F%2Fapi.example.com%3A8443%2Fbase%2F");
}

TEST_F(Encode, BEY_20_masks_know_every_spelling_and_never_cut_a_secret_in_two) {
  target_.secrets.emplace("other", base::Secret("p\"w/1"));
  Mask mask(target_);
  EXPECT_EQ(mask.text("k=abc-us21&q=p%22w%2F1 {\"p\":\"p\\\"w/1\"} YWJjLXVzMjE=", 1000), "k=***&q=*** {\"p\":\"***\"} ***");
  EXPECT_EQ(mask.text("0123456789abc-us21", 14), "0123456789***");
  EXPECT_EQ(mask.text("0123456789abc-us21", 11), "0123456789*");
  EXPECT_EQ(mask.text("ééé", 3), "é");
  EXPECT_EQ(mask.text("\xff\xfe", 10), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace
}  // namespace sluice::drivers::http_json
