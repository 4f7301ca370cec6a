#include "data/model_json.h"

#include <gtest/gtest.h>

#include "data/testing.h"

namespace sluice::data {
namespace {

using base::ColumnType;

constexpr std::string_view kModel = R"({
  "application": "Other", "name": "Orders", "version": "1.0", "culture": "de-AT", "modifiedTime": "2026-01-02T03:04:05+00:00",
  "extra:own": {"anything": [1, 2, {"deep": null}]},
  "annotations": [{"name": "note", "value": "kept"}, {"name": "n", "value": 3}],
  "entities": [
    {"$type": "LocalEntity", "name": "Order", "description": "What was sold",
     "attributes": [{"name": "id", "dataType": "int64"}, {"name": "total", "dataType": "decimal"},
                    {"name": "weight", "dataType": "double"}, {"name": "at", "dataType": "dateTime"},
                    {"name": "on", "dataType": "date"}, {"name": "paid", "dataType": "boolean"},
                    {"name": "zone", "dataType": "dateTimeOffset"}, {"name": "text", "dataType": "string"},
                    {"name": "who", "dataType": "guid"},
                    {"name": "none"}],
     "partitions": [
       {"name": "p1", "location": "Order/p%201.csv", "refreshTime": "2026-01-02T03:04:05.1234567+00:00",
        "fileFormatSettings": {"$type": "CsvFormatSettings", "columnHeaders": true, "delimiter": ";",
                               "encoding": "ISO-8859-1", "quoteStyle": "QuoteStyle.Csv"}},
       {"name": "p2", "location": "https://account.blob.core.windows.net/box/Order.csv?snapshot=2018-11-14T19:37:51.7526830Z"},
       {"name": "p3", "location": ".\\Order\\p3.csv"}]},
    {"$type": "ReferenceEntity", "name": "Customer", "source": "Person", "modelId": "a/b"},
    {"$type": "LocalEntity", "name": "Empty", "attributes": [{"name": "id", "dataType": "int64"}]},
    {"$type": "StreamEntity", "name": "Stream"},
    {"name": "Parquet", "attributes": [{"name": "id", "dataType": "int64"}],
     "partitions": [{"location": "x.parquet", "fileFormatSettings": {"$type": "ParquetFormatSettings"}}]}
  ]})";

TEST(ModelJson, DAT_26_tables_columns_and_files_are_read) {
  const auto model = parse_model_json(kModel);
  ASSERT_TRUE(model.ok()) << model.error().detail;
  EXPECT_EQ(model->name, "Orders");
  EXPECT_EQ(model->application, "Other");
  EXPECT_EQ(model->culture, "de-AT");
  ASSERT_EQ(model->annotations.size(), 2U);
  EXPECT_EQ(model->annotations[0].value, "kept");
  EXPECT_EQ(model->annotations[1].value, "3");
  ASSERT_EQ(model->entities.size(), 5U);
  const CdmEntity* const order = model->find("Order");
  ASSERT_NE(order, nullptr);
  EXPECT_FALSE(order->not_importable);
  EXPECT_EQ(order->description, "What was sold");
  std::vector<ColumnType> types;
  for (const CdmAttribute& attribute : order->attributes) types.push_back(attribute.type);
  EXPECT_EQ(types, (std::vector{ColumnType::integer, ColumnType::decimal, ColumnType::decimal, ColumnType::timestamp, ColumnType::date,
                                ColumnType::boolean, ColumnType::timestamp, ColumnType::text, ColumnType::text, ColumnType::text}));
  ASSERT_EQ(order->partitions.size(), 3U);
  const CdmPartition& first = order->partitions[0];
  EXPECT_EQ(first.location, "Order/p%201.csv");
  EXPECT_FALSE(first.absolute);
  EXPECT_TRUE(first.has_header);
  EXPECT_EQ(first.delimiter, ';');
  EXPECT_EQ(first.encoding, "ISO-8859-1");
  EXPECT_EQ(first.refresh_time, "2026-01-02T03:04:05.1234567+00:00");
  EXPECT_TRUE(order->partitions[1].absolute);
  EXPECT_FALSE(order->partitions[1].has_header);
  EXPECT_EQ(order->partitions[1].delimiter, ',');
  EXPECT_EQ(order->partitions[2].location, "Order/p3.csv");
}

TEST(ModelJson, tables_that_cannot_be_imported_say_why) {
  const auto model = parse_model_json(kModel);
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->find("Customer")->not_importable,
            "This table is kept in another model (as \"Person\" there); import it from the folder of that model.");
  EXPECT_EQ(model->find("Empty")->not_importable, "The model names no files with rows of this table.");
  EXPECT_EQ(model->find("Stream")->not_importable, "Tables of the kind \"StreamEntity\" cannot be imported.");
  EXPECT_EQ(model->find("Parquet")->not_importable, "A file of this table is not CSV (ParquetFormatSettings).");
  EXPECT_EQ(model->find("Nobody"), nullptr);
}

TEST(ModelJson, faults_are_pointers) {
  struct Case {
    const char* name;
    std::string text;
    std::string pointer;
    std::string reason;
  };
  const auto partition = [](std::string_view inner) {
    return R"({"entities":[{"name":"a","partitions":[{)" + std::string(inner) + "}]}]}";
  };
  const Case cases[] = {
      {"not JSON", "{", "", "invalid"},
      {"not an object", "[]", "", "wrong_kind"},
      {"no entities", "{}", "/entities", "required"},
      {"entities not a list", R"({"entities":{}})", "/entities", "wrong_kind"},
      {"an entity without a name", R"({"entities":[{"name":"a"},{}]})", "/entities/1/name", "required"},
      {"two of one name", R"({"entities":[{"name":"a"},{"name":"a"}]})", "/entities/1/name", "duplicate"},
      {"a type that is no text", R"({"entities":[{"name":"a","attributes":[{"name":"x","dataType":1}]}]})",
       "/entities/0/attributes/0/dataType", "wrong_kind"},
      {"no location", partition(R"("name":"p")"), "/entities/0/partitions/0/location", "required"},
      {"up and out", partition(R"("location":"x/../../secret.csv")"), "/entities/0/partitions/0/location", "outside"},
      {"up and out, escaped", partition(R"("location":"%2e%2e/secret.csv")"), "/entities/0/partitions/0/location", "outside"},
      {"an absolute path", partition(R"("location":"/etc/passwd")"), "/entities/0/partitions/0/location", "outside"},
      {"a drive", partition(R"("location":"C:\\x.csv")"), "/entities/0/partitions/0/location", "outside"},
      {"a delimiter of two characters", partition(R"("location":"x","fileFormatSettings":{"delimiter":"ab"})"),
       "/entities/0/partitions/0/fileFormatSettings/delimiter", "not_a_choice"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    const auto model = parse_model_json(one.text);
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().code, base::Code::invalid);
    EXPECT_EQ(model.error().reason, "model_json.invalid");
    ASSERT_EQ(model.error().fields.size(), 1U);
    EXPECT_EQ(model.error().fields[0].pointer, one.pointer);
    EXPECT_EQ(model.error().fields[0].reason, one.reason);
    EXPECT_TRUE(model.error().detail.starts_with("model.json: ")) << model.error().detail;
  }
}

ModelDraft draft() {
  const base::Timestamp at = *base::parse_rfc3339("2026-01-02T03:04:05Z");
  return {.name = "Nightly",
          .modified_at = at,
          .delimiter = ';',
          .tables = {{.name = "Customer",
                      .columns = {{"id", ColumnType::integer},
                                  {"name", ColumnType::text},
                                  {"spent", ColumnType::decimal},
                                  {"born", ColumnType::date},
                                  {"seen", ColumnType::timestamp},
                                  {"consent", ColumnType::boolean}},
                      .files = {{"Customer_1", "Customer/2026/01/02/0304/Customer_1.csv", at},
                                {"Customer_2", "Customer/2026/01/02/0304/Customer_2.csv", at}}}}};
}

TEST(ModelJson, EXP_50_EXP_83_what_is_written_lists_columns_with_types_and_all_files) {
  const std::string text = write_model_json(draft());
  const auto model = parse_model_json(text);
  ASSERT_TRUE(model.ok()) << model.error().detail;
  EXPECT_EQ(model->name, "Nightly");
  EXPECT_EQ(model->application, "Sluice");
  EXPECT_EQ(model->version, "1.0");
  EXPECT_EQ(model->modified_time, "2026-01-02T03:04:05Z");
  const CdmEntity& entity = model->entities.at(0);
  EXPECT_EQ(entity.kind, "LocalEntity");
  EXPECT_FALSE(entity.not_importable);
  ASSERT_EQ(entity.attributes.size(), 6U);
  const ModelDraft wanted = draft();
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(entity.attributes[i].name, wanted.tables[0].columns[i].name);
    EXPECT_EQ(entity.attributes[i].type, wanted.tables[0].columns[i].type);
  }
  ASSERT_EQ(entity.partitions.size(), 2U);
  EXPECT_EQ(entity.partitions[1].location, "Customer/2026/01/02/0304/Customer_2.csv");
  EXPECT_TRUE(entity.partitions[1].has_header);
  EXPECT_EQ(entity.partitions[1].delimiter, ';');
}

TEST(ModelJson, what_is_written_has_the_members_other_readers_look_for) {
  ModelDraft small = draft();
  small.tables[0].columns.resize(1);
  small.tables[0].files.resize(1);
  const std::string wanted = R"({
  "application": "Sluice",
  "name": "Nightly",
  "version": "1.0",
  "culture": "en-US",
  "modifiedTime": "2026-01-02T03:04:05Z",
  "entities": [
    {
      "$type": "LocalEntity",
      "name": "Customer",
      "attributes": [
        {
          "name": "id",
          "dataType": "int64"
        }
      ],
      "partitions": [
        {
          "name": "Customer_1",
          "refreshTime": "2026-01-02T03:04:05Z",
          "location": "Customer/2026/01/02/0304/Customer_1.csv",
          "fileFormatSettings": {
            "$type": "CsvFormatSettings",
            "columnHeaders": true,
            "delimiter": ";",
            "quoteStyle": "QuoteStyle.Csv",
            "csvStyle": "CsvStyle.QuoteAlways",
            "encoding": "UTF-8"
          }
        }
      ]
    }
  ]
}
)";
  EXPECT_EQ(write_model_json(small), wanted);
}

TEST(ModelJson, DAT_26_models_that_Power_BI_wrote) {
  const std::string folder = testing::shared_data();
  if (folder.empty()) GTEST_SKIP() << "no shared data beside the repository";
  const auto orders = parse_model_json(testing::file_text(folder + "/cdm/OrdersProducts/model.json"));
  ASSERT_TRUE(orders.ok()) << orders.error().detail;
  ASSERT_EQ(orders->entities.size(), 2U);
  EXPECT_EQ(orders->entities[0].attributes.size(), 14U);
  EXPECT_EQ(orders->entities[1].attributes.size(), 68U);
  EXPECT_TRUE(orders->entities[0].partitions.at(0).absolute);
  EXPECT_FALSE(orders->entities[0].not_importable);
  const auto linked = parse_model_json(testing::file_text(folder + "/cdm/OrdersProductsCustomersLinked/model.json"));
  ASSERT_TRUE(linked.ok()) << linked.error().detail;
  ASSERT_EQ(linked->entities.size(), 3U);
  EXPECT_TRUE(linked->entities[0].not_importable);
  EXPECT_TRUE(linked->entities[1].not_importable);
  EXPECT_EQ(linked->entities[2].not_importable, "The model names no files with rows of this table.");
}

}  // namespace
}  // namespace sluice::data
