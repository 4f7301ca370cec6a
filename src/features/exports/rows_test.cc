// The path of rows to a service: mapping, survey against the ledger, delivery, removal, resuming.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "crypto/crypto.h"
#include "features/exports/row_delivery.h"
#include "features/exports/row_map.h"
#include "features/exports/row_survey.h"

namespace sluice::exports {
namespace {

using base::Cell;
using base::Result;
using base::json::Object;

using People = std::vector<std::vector<std::string>>;  // CustomerId, Email, Phone

manifest::Connector mailing() {
  manifest::Connector connector{.id = "mailing", .title = "Mailing"};
  connector.payload = manifest::Payload::segments;
  connector.mapping.attributes = {{.name = "email", .title = "Email", .required = true, .as = "EMAIL", .normalise = "email"},
                                  {.name = "phone", .title = "Phone", .as = "PHONE", .normalise = "phone"}};
  connector.mapping.identifier = {"email"};
  return connector;
}

manifest::Connector hashing() {
  manifest::Connector connector = mailing();
  connector.mapping.attributes[0].hashed = true;
  return connector;
}

const std::vector<tables::Column> kCustomer = {{.name = "CustomerId", .key = true}, {.name = "Email"}, {.name = "Phone"}};
const Object kMapping{{"email", "Email"}, {"phone", "Phone"}};

RowMap map_of(const manifest::Connector& connector, const Object& settings = {}) {
  auto map = RowMap::compile(connector, settings, kMapping, kCustomer);
  EXPECT_TRUE(map.ok());
  return *std::move(map);
}

RowPart part_of_people(std::string name, const People& people) {
  return {.name = std::move(name), .open = [&people]() -> Result<NextRow> {
            auto at = std::make_shared<std::size_t>(0);
            auto cells = std::make_shared<std::vector<Cell>>(2);
            return NextRow([&people, at, cells]() -> Result<std::span<const Cell>> {
              if (*at == people.size()) return std::span<const Cell>();
              const auto& person = people[(*at)++];
              for (std::size_t i = 0; i < 2; ++i) (*cells)[i] = person[i + 1].empty() ? Cell{} : Cell::of(person[i + 1]);
              return std::span<const Cell>(*cells);
            });
          }};
}

// A service outside: what it holds, whom it refuses, when it breaks.
struct Service {
  std::map<std::string, std::string> holds;
  std::vector<std::string> order;
  std::set<std::string> refuses;
  std::int64_t breaks_after = INT64_MAX;
  std::int64_t removals = 0;
};

class Session : public drivers::RowSession {
 public:
  Session(Service& service, drivers::RowEvents events) : service_(service), events_(std::move(events)) {}
  Result<void> upsert(std::shared_ptr<const drivers::RowBlock> rows) override {
    for (std::size_t i = 0; i < rows->size(); ++i) {
      if (service_.breaks_after-- <= 0)
        return base::Error{.code = base::Code::upstream_unavailable, .reason = "service.unavailable", .detail = "It broke off."};
      const std::string email(rows->cell(i, 0).text());
      const bool refused = service_.refuses.contains(email);
      if (!refused) service_.holds[email] = rows->cell(i, 1).text();
      service_.order.push_back(email);
      RETURN_IF_ERROR(answer(*rows, i, refused ? drivers::RowState::rejected : drivers::RowState::acknowledged));
    }
    return {};
  }
  Result<void> remove(std::shared_ptr<const drivers::RowBlock> rows) override {
    for (std::size_t i = 0; i < rows->size(); ++i) {
      service_.holds.erase(std::string(rows->cell(i, 0).text()));
      ++service_.removals;
      RETURN_IF_ERROR(answer(*rows, i, drivers::RowState::acknowledged));
    }
    return {};
  }
  Result<void> flush() override { return {}; }

 private:
  Result<void> answer(const drivers::RowBlock& block, std::size_t row, drivers::RowState state) {
    const drivers::RowAnswer one{.block = &block, .row = row, .state = state, .reason = "http.422", .detail = "not an address we take"};
    return events_.answered(std::span(&one, 1));
  }
  Service& service_;
  drivers::RowEvents events_;
};

class RowsTest : public ::testing::Test {
 protected:
  RowsTest() {
    crypto::initialise();
    base::log::configure(base::log::Format::text, base::log::Level::error);
    std::string name = (std::filesystem::temp_directory_path() / "sluice-rows-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~RowsTest() override { std::filesystem::remove_all(folder_); }

  struct Done {
    Survey survey;
    Tally tally;
    bool ok = true;
    std::string rejects;
  };
  // One run; `dies`: the process is gone before it commits. The same `run` id is another attempt of that run.
  Done run(Mode mode, const std::vector<RowPart>& parts, const RowMap& map, std::optional<base::Uuid> id = std::nullopt,
           bool dies = false) {
    const base::Uuid run = id.value_or(base::make_uuid_v7(base::system_now()));
    auto ledger = ledger::Ledger::open({.folder = folder_ + "/ledger", .at_least = 0});
    EXPECT_TRUE(ledger.ok());
    EXPECT_TRUE(ledger->recover().ok());
    ledger::Rows rows(*ledger);
    auto survey = Surveyor(map, *ledger, mode, run).survey(parts, rows, {}, [](std::int64_t) {});
    EXPECT_TRUE(survey.ok());
    auto writer = ledger::Writer::create(*ledger, {.id = run, .at = base::system_now(), .fields = map.fields()});
    EXPECT_TRUE(writer.ok());
    RowDelivery delivery(
        {.map = map, .parts = parts, .survey = *survey, .rows = rows, .ledger = *ledger, .mode = mode, .is_mine = [] { return true; }},
        *std::move(writer), {}, [] {});
    Session session(service_, delivery.events());
    Done done{.survey = *survey};
    done.ok = delivery.run(session).ok();
    done.tally = delivery.tally();
    if (dies) return done;
    EXPECT_TRUE(delivery.commit().ok());
    EXPECT_TRUE(delivery.rejects().write(folder_ + "/rejects.csv", parts, map).ok());
    std::ifstream file(folder_ + "/rejects.csv");
    done.rejects.assign(std::istreambuf_iterator<char>(file), {});
    return done;
  }
  Done run(Mode mode, const People& people, std::optional<base::Uuid> id = std::nullopt, bool dies = false) {
    return run(mode, {part_of_people("all", people)}, map_, id, dies);
  }

  std::string folder_;
  RowMap map_ = map_of(mailing());
  Service service_;
};

TEST(RowMap, EXP_43_EXP_82_leaves_out_rows_without_a_mandatory_value_and_says_why) {
  const RowMap map = map_of(mailing());
  RowMaker maker(map);
  const std::vector<Cell> none{Cell::of("  "), Cell{}};
  EXPECT_EQ(maker.make(none).fault, "email.missing");
  const std::vector<Cell> bad{Cell::of("not an address"), Cell{}};
  EXPECT_EQ(maker.make(bad).fault, "email.bad");
  EXPECT_EQ(map.explain("email.missing"), "Email is empty.");
}

TEST(RowMap, C_081_C_086_sends_a_row_without_an_optional_value_that_cannot_be_read) {
  const RowMap map = map_of(mailing());
  RowMaker maker(map);
  const std::vector<Cell> row{Cell::of(" Ada@Example.org "), Cell::of("23 45 67 89")};
  const auto& made = maker.make(row);
  EXPECT_EQ(made.fault, "");
  EXPECT_EQ(made.key, "ada@example.org");
  EXPECT_TRUE(made.cells[1].null);
  ASSERT_EQ(maker.left_out().size(), 1U);
  EXPECT_EQ(maker.left_out()[0].first, "phone.no_country");
  const RowMap danish = map_of(mailing(), Object{{"default_country", "DK"}});
  RowMaker second(danish);
  EXPECT_EQ(second.make(row).cells[1].text(), "+4523456789");
}

TEST(RowMap, EXP_41_EXP_42_C_079_C_082_C_083_hashes_as_the_type_says_and_never_twice) {
  const RowMap map = map_of(hashing());
  RowMaker maker(map);
  const std::vector<Cell> plain{Cell::of("  Test@Gmail.com "), Cell{}};
  EXPECT_EQ(maker.make(plain).cells[0].text(), "87924606b4131a8aceeeae8868531fbb9712aaa07a5d3a756b26ce0f5d6ca674");
  const std::vector<Cell> hashed{Cell::of("87924606B4131A8ACEEEAE8868531FBB9712AAA07A5D3A756B26CE0F5D6CA674"), Cell{}};
  EXPECT_EQ(maker.make(hashed).fault, "email.already_hashed");
  const RowMap already = map_of(hashing(), Object{{"already_hashed", true}});
  RowMaker second(already);
  EXPECT_EQ(second.make(hashed).cells[0].text(), "87924606b4131a8aceeeae8868531fbb9712aaa07a5d3a756b26ce0f5d6ca674");
  EXPECT_EQ(second.make(plain).fault, "email.not_hashed");
}

TEST(RowMap, the_key_of_a_row_gives_its_identifying_cells_back) {
  manifest::Connector connector = mailing();
  connector.mapping.identifier = {"email", "phone"};
  const RowMap map = map_of(connector);
  RowMaker maker(map);
  const std::vector<Cell> row{Cell::of("a@example.org"), Cell::of("+4523456789")};
  const std::string key(maker.make(row).key);
  const auto cells = map.cells_of_key(key);
  EXPECT_EQ(cells[0].text(), "a@example.org");
  EXPECT_EQ(cells[1].text(), "+4523456789");
}

TEST(RowMap, a_lost_column_is_named) {
  const auto map = RowMap::compile(mailing(), {}, Object{{"email", "Gone"}}, kCustomer);
  ASSERT_FALSE(map.ok());
  EXPECT_EQ(map.error().reason, "export.column_missing");
}

TEST_F(RowsTest, BEY_01_BEY_02_incremental_sends_what_is_new_or_changed_and_nothing_else) {
  People people{{"1", "a@x.org", "+4523456789"}, {"2", "b@x.org", ""}, {"3", "c@x.org", ""}};
  EXPECT_EQ(run(Mode::incremental, people).tally.parts[0].sent, 3);
  const Done again = run(Mode::incremental, people);
  EXPECT_EQ(again.tally.parts[0].sent, 0);
  EXPECT_EQ(again.survey.parts[0].unchanged, 3);
  people[1][2] = "+4523456780";
  people.push_back({"4", "d@x.org", ""});
  service_.order.clear();
  EXPECT_EQ(run(Mode::incremental, people).tally.parts[0].sent, 2);
  EXPECT_EQ(service_.order, (std::vector<std::string>{"b@x.org", "d@x.org"}));
  people.pop_back();
  EXPECT_EQ(run(Mode::incremental, people).tally.removed, 0);
  EXPECT_EQ(service_.holds.size(), 4U);
}

TEST_F(RowsTest, full_sends_everything_each_time) {
  const People people{{"1", "a@x.org", ""}, {"2", "b@x.org", ""}};
  EXPECT_EQ(run(Mode::full, people).tally.parts[0].sent, 2);
  EXPECT_EQ(run(Mode::full, people).tally.parts[0].sent, 2);
}

TEST_F(RowsTest, BEY_02_C_096_C_099_mirror_removes_only_what_sluice_delivered) {
  service_.holds["theirs@x.org"] = "";
  People people{{"1", "a@x.org", ""}, {"2", "b@x.org", ""}};
  run(Mode::mirror, people);
  people.pop_back();
  EXPECT_EQ(run(Mode::mirror, people).tally.removed, 1);
  EXPECT_TRUE(service_.holds.contains("theirs@x.org"));
  EXPECT_FALSE(service_.holds.contains("b@x.org"));
  people.push_back({"2", "b@x.org", ""});
  EXPECT_EQ(run(Mode::mirror, people).tally.parts[0].sent, 1) << "who comes back is sent again";
  EXPECT_TRUE(service_.holds.contains("b@x.org"));
}

TEST_F(RowsTest, C_084_another_address_is_a_removal_and_an_addition) {
  People people{{"1", "old@x.org", ""}};
  run(Mode::mirror, people);
  people[0][1] = "new@x.org";
  const Done done = run(Mode::mirror, people);
  EXPECT_EQ(done.tally.removed, 1);
  EXPECT_EQ(service_.holds.size(), 1U);
  EXPECT_TRUE(service_.holds.contains("new@x.org"));
}

TEST_F(RowsTest, who_is_in_two_segments_is_sent_once_and_stays_until_both_are_left) {
  People first{{"1", "a@x.org", ""}, {"2", "b@x.org", ""}};
  People second{{"2", "b@x.org", ""}, {"3", "c@x.org", ""}};
  const std::vector<RowPart> parts{part_of_people("first", first), part_of_people("second", second)};
  const Done done = run(Mode::mirror, parts, map_);
  EXPECT_EQ(done.tally.parts[0].sent + done.tally.parts[1].sent, 3);
  first.pop_back();
  EXPECT_EQ(run(Mode::mirror, parts, map_).tally.removed, 0);
  EXPECT_TRUE(service_.holds.contains("b@x.org"));
  second.erase(second.begin());
  EXPECT_EQ(run(Mode::mirror, parts, map_).tally.removed, 1);
  EXPECT_FALSE(service_.holds.contains("b@x.org"));
}

TEST_F(RowsTest, BEY_14_C_090_C_092_C_094_refused_rows_are_listed_and_tried_again_after_the_new_ones) {
  service_.refuses = {"bad@x.org"};
  People people{{"1", "bad@x.org", ""}, {"2", "good@x.org", ""}, {"3", "", ""}};
  const Done done = run(Mode::incremental, people);
  EXPECT_EQ(done.tally.parts[0].rejected, 1);
  EXPECT_EQ(done.tally.parts[0].sent, 1);
  EXPECT_EQ(done.rejects,
            "Email,Phone,segment,outcome,reason,answer\r\n"
            "bad@x.org,,all,rejected,http.422,not an address we take\r\n"
            ",,all,omitted,email.missing,Email is empty.\r\n");
  people.push_back({"4", "new@x.org", ""});
  service_.order.clear();
  service_.refuses.clear();
  run(Mode::incremental, people);
  EXPECT_EQ(service_.order, (std::vector<std::string>{"new@x.org", "bad@x.org"}));
  EXPECT_EQ(run(Mode::incremental, people).survey.to_send(), 0);
}

TEST_F(RowsTest, BEY_16_C_088_C_125_an_attempt_goes_on_where_the_one_before_it_died) {
  People people;
  for (int i = 0; i < 100; ++i) people.push_back({std::to_string(i), "p" + std::to_string(i) + "@x.org", ""});
  for (const Mode mode : {Mode::full, Mode::incremental}) {
    service_ = Service();
    std::filesystem::remove_all(folder_ + "/ledger");
    const base::Uuid id = base::make_uuid_v7(base::system_now());
    service_.breaks_after = 40;
    EXPECT_FALSE(run(mode, people, id).ok);
    service_.breaks_after = INT64_MAX;
    const Done done = run(mode, people, id);
    EXPECT_EQ(done.survey.parts[0].already_sent, 40);
    EXPECT_EQ(done.tally.parts[0].sent, 60);
    EXPECT_EQ(service_.order.size(), 100U) << "no row twice";
    EXPECT_EQ(service_.holds.size(), 100U) << "none lost";
  }
}

TEST_F(RowsTest, rows_with_the_same_identifier_are_sent_once_and_counted) {
  const People people{{"1", "a@x.org", "+4523456789"}, {"2", "A@X.org", ""}};
  const Done done = run(Mode::full, people);
  EXPECT_EQ(done.tally.parts[0].sent, 1);
  EXPECT_EQ(done.survey.faults.at("duplicate"), 1);
  EXPECT_EQ(service_.holds.at("a@x.org"), "+4523456789") << "the first one";
}

TEST_F(RowsTest, another_list_at_the_service_makes_every_row_new) {
  const People people{{"1", "a@x.org", ""}};
  run(Mode::incremental, people);
  const RowMap other = map_of(mailing(), Object{{"list_id", "2"}});
  EXPECT_EQ(run(Mode::incremental, {part_of_people("all", people)}, other).tally.parts[0].sent, 1);
}

TEST_F(RowsTest, C_082_values_that_are_hashed_already_stop_the_run_before_anything_is_sent) {
  const RowMap map = map_of(hashing());
  const People people{{"1", "a@x.org", ""}, {"2", "87924606b4131a8aceeeae8868531fbb9712aaa07a5d3a756b26ce0f5d6ca674", ""}};
  auto ledger = ledger::Ledger::open({.folder = folder_ + "/ledger", .at_least = 0});
  ledger::Rows rows(*ledger);
  const auto survey = Surveyor(map, *ledger, Mode::full, {}).survey({part_of_people("all", people)}, rows, {}, [](std::int64_t) {});
  ASSERT_FALSE(survey.ok());
  EXPECT_EQ(survey.error().reason, "export.already_hashed");
}

}  // namespace
}  // namespace sluice::exports
