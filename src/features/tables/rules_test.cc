#include "features/tables/rules.h"

#include <gtest/gtest.h>

namespace sluice::tables::rules {
namespace {

const std::vector<Column> kColumns = {{"CustomerId", base::ColumnType::text, true},
                                      {"Age", base::ColumnType::integer},
                                      {"Born", base::ColumnType::date},
                                      {"Vip", base::ColumnType::boolean}};

base::Result<db::Filter> compiled(std::string_view json) { return compile(*base::json::parse(json), kColumns, "/rule"); }

TEST(TableRules, DAT_27_names_begin_with_a_letter_and_hold_letters_and_digits) {
  for (const char* good : {"Customer", "abc", "A1234567890"}) EXPECT_TRUE(check_table_name(good).ok()) << good;
  for (const std::string& bad : {std::string("ab"), std::string("1abc"), std::string("a_bc"), std::string("a b c"),
                                 std::string("Kündigung"), std::string(65, 'a'), std::string("a'; DROP TABLE x")})
    EXPECT_FALSE(check_table_name(bad).ok()) << bad;
  EXPECT_TRUE(check_segment_name("us_seniors").ok());
}

TEST(TableRules, a_name_is_made_of_what_a_person_typed) {
  EXPECT_EQ(segment_name_from("US seniors!"), "us_seniors");
  EXPECT_EQ(segment_name_from("2026 buyers"), "segment_2026_buyers");
  EXPECT_TRUE(check_segment_name(segment_name_from("漢字")).ok());
  EXPECT_TRUE(check_segment_name(segment_name_from("a")).ok());
  EXPECT_TRUE(check_segment_name(segment_name_from(std::string(300, 'x'))).ok());
}

TEST(TableRules, DAT_07_groups_of_conditions_become_a_filter) {
  const auto filter = compiled(R"({"match":"any","conditions":[{"column":"Age","operator":"between","values":[18,30]},
      {"match":"all","conditions":[{"column":"Vip","operator":"equals","value":true},{"column":"Born","operator":"after","value":"2000-01-01"}]}]})");
  ASSERT_TRUE(filter.ok()) << filter.error().detail;
  EXPECT_EQ(filter->kind, db::Filter::Kind::any);
  EXPECT_EQ(filter->parts[0].values, (std::vector<std::string>{"18", "30"}));
  EXPECT_EQ(filter->parts[1].kind, db::Filter::Kind::all);
  EXPECT_EQ(filter->parts[1].parts[1].op, db::Filter::Operator::greater);
}

TEST(TableRules, faults_point_at_the_part_that_is_wrong) {
  struct Case {
    std::string_view json;
    std::string_view pointer;
  };
  const Case cases[] = {
      {R"({"match":"some","conditions":[{"column":"Age","operator":"equals","value":1}]})", "/rule/match"},
      {R"({"match":"all","conditions":[]})", "/rule/conditions"},
      {R"({"match":"all","conditions":[{"column":"Nope","operator":"equals","value":1}]})", "/rule/conditions/0/column"},
      {R"({"match":"all","conditions":[{"column":"Age","operator":"contains","value":"1"}]})", "/rule/conditions/0/operator"},
      {R"({"match":"all","conditions":[{"column":"Age","operator":"equals"}]})", "/rule/conditions/0/value"},
      {R"({"match":"all","conditions":[{"column":"Age","operator":"between","values":[1]}]})", "/rule/conditions/0/values"},
      {R"({"match":"all","conditions":[{"column":"Vip","operator":"is_empty","value":1}]})", "/rule/conditions/0/value"},
      {R"({"match":"all","conditions":[{"match":"all","conditions":[{"match":"all","conditions":[]}]}]})",
       "/rule/conditions/0/conditions/0"},
      {R"([1])", "/rule"},
      {R"({"match":"all","conditions":[{"column":"Age","operator":"equals","value":{}}]})", "/rule/conditions/0/value"},
  };
  for (const Case& one : cases) {
    const auto filter = compiled(one.json);
    ASSERT_FALSE(filter.ok()) << one.json;
    EXPECT_EQ(filter.error().fields.front().pointer, one.pointer) << one.json;
  }
}

TEST(TableRules, DAT_26_a_model_json_says_what_can_be_imported) {
  const auto model = describe_model(R"({"name":"Shop","version":"1.0","entities":[
      {"$type":"LocalEntity","name":"Orders","attributes":[{"name":"Id","dataType":"int64"},{"name":"Day","dataType":"date"}],
       "partitions":[{"name":"p1","location":"Orders/1.csv"},{"name":"p2","location":"Orders/2.csv"}]},
      {"$type":"LocalEntity","name":"Empty","attributes":[{"name":"Id","dataType":"int64"}]},
      {"$type":"LocalEntity","name":"Far","attributes":[{"name":"Id","dataType":"int64"}],
       "partitions":[{"name":"p1","location":"https://example.com/far.csv"}]}]})");
  ASSERT_TRUE(model.ok()) << model.error().detail;
  ASSERT_EQ(model->entities.size(), 3U);
  const ModelEntity& orders = model->entities[0];
  EXPECT_FALSE(orders.not_importable);
  EXPECT_EQ(orders.columns[1].source, "column_2");
  EXPECT_EQ(orders.columns[1].type, base::ColumnType::date);
  EXPECT_EQ(orders.partitions[1].location, "Orders/2.csv");
  EXPECT_TRUE(model->entities[1].not_importable);
  EXPECT_TRUE(model->entities[2].not_importable);
  EXPECT_FALSE(describe_model("{").ok());
}

}  // namespace
}  // namespace sluice::tables::rules
