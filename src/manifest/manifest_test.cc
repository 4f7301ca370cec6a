#include <gtest/gtest.h>

#include "base/text.h"
#include "manifest/connector.h"
#include "manifest/yaml.h"

namespace sluice::manifest {
namespace {

constexpr std::string_view kGood = R"(manifest: 1
id: drop
title: Drop
subtitle: Files
summary: Puts files somewhere.
category: export_destination
serves: [export]
status: stable
driver: folder
verify: optional
consent: { version: 1, target: the server you name, text: I agree. }
connection:
  fields:
    - { name: host, type: host, title: Host, target: true }
    - { name: port, type: port, title: Port, default: 22, target: true }
    - { name: mode, type: choice, title: Mode, default: a, choices: [{ value: a, title: A }, { value: b, title: B }] }
    - { name: password, type: secret, title: Password, when: { field: mode, equals: [a] } }
    - { name: folder, type: path, title: Folder, required: false }
)";

std::string with(std::string_view from, std::string_view to) {
  std::string text(kGood);
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(Manifest, CON_27_says_which_fields_a_type_has) {
  const auto connector = parse_manifest("drop/manifest.yaml", kGood);
  ASSERT_TRUE(connector.ok()) << connector.error().detail;
  EXPECT_EQ(connector->connection_fields.size(), 5U);
  EXPECT_TRUE(connector->find_connection_field("password")->secret);
  EXPECT_FALSE(connector->find_connection_field("folder")->required);
}

TEST(Manifest, faults_name_file_line_and_key) {
  struct Case {
    std::string text;
    std::string_view needle;
  };
  const Case cases[] = {
      {with("title: Drop", "titel: Drop"), "drop/manifest.yaml:3"},
      {with("type: secret, title: Password", "type: string, title: Password"), "sounds like a secret"},
      {with("title: Host, target: true", "title: Host"), "must be marked target"},
      {with("name: folder", "name: host"), "appears twice"},
      {with("{ field: mode,", "{ field: nothing,"), "not a field before it"},
      {with("status: stable", "status: finished"), "must be stable or preview"},
      {with("category: export_destination", "category: things"), "not a known category"},
      {with("manifest: 1", "manifest: 2"), "between 1 and 1"},
      {with("subtitle: Files", "subtitle: Files\nsubtitle: Twice"), "appears twice"},
      {with("subtitle: Files", "subtitle: [Files"), "drop/manifest.yaml:"},
      {with("serves: [export]", "serves: []"), "must not be empty"},
  };
  for (const Case& one : cases) {
    const auto connector = parse_manifest("drop/manifest.yaml", one.text);
    ASSERT_FALSE(connector.ok()) << one.text;
    EXPECT_NE(connector.error().detail.find(one.needle), std::string::npos) << connector.error().detail;
  }
}

TEST(Manifest, DIS_12_every_folder_of_the_build_is_a_type) {
  const auto registry = Registry::from_files(embedded::connectors());
  ASSERT_TRUE(registry.ok()) << registry.error().detail;
  std::string last;
  for (const Connector& connector : registry->all()) {
    EXPECT_FALSE(connector.help_markdown.empty());
    EXPECT_NE(connector.icon_svg.find("<svg"), std::string_view::npos);
    EXPECT_FALSE(connector.summary.empty());
    const std::string title = base::fold_case(connector.title);
    EXPECT_LT(last, title);  // DIS-05
    last = title;
  }
  EXPECT_NE(registry->find("sftp"), nullptr);
  EXPECT_NE(registry->find("folder"), nullptr);
}

TEST(Yaml, does_not_guess_and_does_not_explode) {
  const auto value = parse_yaml("x", "a: yes\nb: '42'\nc: 42\nd: 010\ne: true\nf: ~\n");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(base::json::write(*value), R"({"a":"yes","b":"42","c":42,"d":"010","e":true,"f":null})");
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'j'; ++c)
    bomb += std::string(1, c) + ": &" + c + " [*" + static_cast<char>(c - 1) + ",*" + static_cast<char>(c - 1) + ",*" +
            static_cast<char>(c - 1) + ",*" + static_cast<char>(c - 1) + ",*" + static_cast<char>(c - 1) + "]\n";
  EXPECT_FALSE(parse_yaml("x", bomb).ok());
  for (const char* text : {"a: !!python/object x", "a: 1\na: 2", "a: 1\n---\nb: 2", ",a", "", "<<: {a: 1}",
                           "[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]", "a: \xff"})
    EXPECT_FALSE(parse_yaml("x", text).ok()) << text;
}

class Settings : public testing::Test {
 protected:
  base::Result<base::json::Object> check(std::string_view json) {
    return check_settings(connector_.connection_fields, *base::json::parse(json)->as_object(), "/settings");
  }
  Connector connector_ = *parse_manifest("drop/manifest.yaml", kGood);
};

TEST_F(Settings, fills_defaults_and_trims_all_but_paths) {
  const auto good = check(R"({"host":"  files.example.net ","folder":" Øst 2026/A b "})");
  ASSERT_TRUE(good.ok()) << good.error().detail;
  EXPECT_EQ(base::json::write(base::json::Value(*good)), R"({"host":"files.example.net","port":22,"mode":"a","folder":" Øst 2026/A b "})");
}

TEST_F(Settings, CON_43_a_host_is_a_host_alone) {
  for (const char* host :
       {"sftp://files.example.net", "files.example.net/in", "user@files.example.net", "a b", "files.example.net:22", "", "   "}) {
    const auto bad = check(R"({"host":")" + std::string(host) + "\"}");
    ASSERT_FALSE(bad.ok()) << host;
    EXPECT_EQ(bad.error().fields.front().pointer, "/settings/host");
  }
  EXPECT_TRUE(check(R"({"host":"2001:db8::1"})").ok());
}

TEST_F(Settings, CON_44_faults_say_which_field_and_what_to_change) {
  const auto bad = check(R"({"host":"h","port":70000,"mode":"c","other":1,"password":"x"})");
  ASSERT_FALSE(bad.ok());
  std::vector<std::string> pointers;
  for (const auto& fault : bad.error().fields) pointers.push_back(fault.pointer);
  EXPECT_EQ(pointers, (std::vector<std::string>{"/settings/other", "/settings/password", "/settings/port", "/settings/mode"}));
}

TEST_F(Settings, a_field_applies_only_while_its_condition_holds) {
  const auto& fields = connector_.connection_fields;
  EXPECT_TRUE(applies(*connector_.find_connection_field("password"), fields, {}));
  EXPECT_FALSE(applies(*connector_.find_connection_field("password"), fields, {{"mode", "b"}}));
}

}  // namespace
}  // namespace sluice::manifest
