// Rows into a real PostgreSQL, of which the tests are superuser.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <thread>

#include "drivers/postgresql/postgresql.h"
#include "drivers/postgresql/test_server.h"
#include "support/relay.h"

namespace sluice::drivers::postgresql {
namespace {

using base::Cell;
using base::ColumnType;
using Row = std::vector<std::optional<std::string>>;

class PostgresRows : public testing::Test {
 protected:
  PostgresRows() {
    server_.sql(
        "DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop; DROP OWNED BY sluice_a; GRANT USAGE, CREATE ON SCHEMA shop TO sluice_a; "
        "GRANT CONNECT, TEMPORARY ON DATABASE postgres TO sluice_a");
    auto guard = net::Guard::parse("127.0.0.1/32");
    EXPECT_TRUE(guard.ok());
    guard_ = *std::move(guard);
    context_.guard = &guard_;
    context_.stop = stop_.get_token();
    target_.settings.set("host", "localhost");
    target_.settings.set("port", static_cast<std::int64_t>(server_.port()));
    target_.settings.set("database", "postgres");
    target_.settings.set("schema", "shop");
    target_.settings.set("username", "sluice_a");
    target_.settings.set("tls", "verify_full");
    target_.settings.set("authority", server_.authority());
    target_.secrets.emplace("password", base::Secret("pass'word\\ 1"));
    plan_.settings.set("table", "people");
    plan_.settings.set("create_table", true);
    plan_.run_id = "run";
    plan_.columns = {{.name = "id", .as = "id", .type = ColumnType::text, .identifies = true}, {.name = "name", .as = "name"}};
  }

  static void SetUpTestSuite() {
    TestServer::instance().sql(
        "DROP ROLE IF EXISTS sluice_a; CREATE ROLE sluice_a LOGIN PASSWORD 'pass''word\\ 1'; REVOKE ALL ON DATABASE postgres FROM PUBLIC");
  }

  RowEvents events() {
    return {
        .answered = [this](std::span<const RowAnswer> answers) -> base::Result<void> {
          for (const RowAnswer& one : answers) {
            EXPECT_TRUE(
                answers_.emplace(std::string(one.block->key(one.row)), Heard{one.state, std::string(one.reason), std::string(one.detail)})
                    .second);
          }
          return {};
        },
        .warned = [this](std::string_view reason, std::string_view) { warnings_.emplace_back(reason); },
        .sent = [this](std::int64_t bytes) { sent_ += bytes; }};
  }

  std::shared_ptr<RowBlock> block(const std::vector<Row>& rows) {
    auto made = std::make_shared<RowBlock>(plan_.columns.size());
    for (const Row& row : rows) {
      std::vector<Cell> cells;
      for (const auto& cell : row) cells.push_back(cell ? Cell::of(*cell) : Cell{});
      ++number_;
      made->add(number_, "k" + std::to_string(number_), 0, cells);
    }
    return made;
  }

  std::unique_ptr<RowSession> open() {
    auto session = open_rows(context_, target_, plan_, events());
    if (!session.ok()) {
      ADD_FAILURE() << session.error().reason << " " << session.error().detail;
      return nullptr;
    }
    return *std::move(session);
  }

  void upsert(const std::vector<Row>& rows) {
    const auto session = open();
    ASSERT_NE(session, nullptr);
    auto done = session->upsert(block(rows));
    if (done.ok()) done = session->flush();
    ASSERT_TRUE(done.ok()) << done.error().internal;
  }

  base::Error refused_open() {
    auto session = open_rows(context_, target_, plan_, events());
    return session.ok() ? base::Error{.reason = "none"} : session.error();
  }

  int count(RowState state) const {
    return static_cast<int>(std::count_if(answers_.begin(), answers_.end(), [&](const auto& one) { return one.second.state == state; }));
  }

  std::string sql(const std::string& statements) { return server_.sql(statements); }
  std::string all(const std::string& order = "id") {
    return sql("SELECT coalesce(string_agg(id::text || '=' || coalesce(name::text, 'NULL'), ',' ORDER BY " + order +
               "), '') FROM shop.people");
  }

  struct Heard {
    RowState state;
    std::string reason, detail;
  };
  TestServer& server_ = TestServer::instance();
  net::Guard guard_;
  std::stop_source stop_;
  Context context_;
  Target target_;
  RowsPlan plan_;
  std::map<std::string, Heard> answers_;
  std::vector<std::string> warnings_;
  std::int64_t sent_ = 0;
  std::int64_t number_ = 0;
};

TEST_F(PostgresRows, inserts_updates_and_removes_rows_of_a_table_it_made) {
  upsert({{"1", "Anna"}, {"2", "Bo"}, {"3", std::nullopt}});
  EXPECT_EQ(all(), "1=Anna,2=Bo,3=NULL");
  upsert({{"2", "Bob"}, {"3", "Cy"}, {"4", ""}, {"1", std::nullopt}});
  EXPECT_EQ(all(), "1=NULL,2=Bob,3=Cy,4=");
  const auto session = open();
  ASSERT_TRUE(session->remove(block({{"1", std::nullopt}, {"9", std::nullopt}})).ok());
  ASSERT_TRUE(session->upsert(block({{"5", "Di"}})).ok());
  ASSERT_TRUE(session->remove(block({{"2", std::nullopt}})).ok());
  ASSERT_TRUE(session->flush().ok());
  EXPECT_EQ(all(), "3=Cy,4=,5=Di");
  EXPECT_EQ(count(RowState::acknowledged), 11);
  EXPECT_EQ(answers_.size(), 11U);
  EXPECT_GT(sent_, 40);
}

TEST_F(PostgresRows, leaves_rows_alone_that_are_as_they_should_be_and_columns_that_are_not_mapped) {
  sql("CREATE TABLE shop.people (id text PRIMARY KEY, name text, note text DEFAULT 'ours'); ALTER TABLE shop.people OWNER TO sluice_a;"
      "INSERT INTO shop.people VALUES ('1', 'Anna', 'keep'), ('2', 'Bo', 'keep')");
  const std::string before = sql("SELECT xmin::text FROM shop.people WHERE id = '1'");
  upsert({{"1", "Anna"}, {"2", "Bob"}, {"3", "Cy"}});
  EXPECT_EQ(sql("SELECT xmin::text FROM shop.people WHERE id = '1'"), before);
  EXPECT_EQ(sql("SELECT string_agg(note, ',' ORDER BY id) FROM shop.people"), "keep,keep,ours");
  EXPECT_EQ(count(RowState::acknowledged), 3);
}

TEST_F(PostgresRows, makes_columns_of_the_types_of_the_table) {
  plan_.columns = {{.name = "id", .as = "id", .type = ColumnType::integer, .identifies = true},
                   {.name = "a", .as = "a", .type = ColumnType::decimal},
                   {.name = "b", .as = "b", .type = ColumnType::boolean},
                   {.name = "c", .as = "c", .type = ColumnType::date},
                   {.name = "d", .as = "d", .type = ColumnType::timestamp},
                   {.name = "e", .as = "e"}};
  upsert({{"-9223372036854775808", "1.10", "true", "2026-01-02", "2026-01-02T03:04:05.123456Z", "x"},
          {"2", std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt}});
  EXPECT_EQ(sql("SET timezone = 'UTC'; SELECT row_to_json(p)::text FROM shop.people p WHERE b"),
            R"({"id":-9223372036854775808,"a":1.10,"b":true,"c":"2026-01-02","d":"2026-01-02T03:04:05.123456+00:00","e":"x"})");
  EXPECT_EQ(sql("SELECT string_agg(format_type(atttypid, atttypmod), ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = "
                "'shop.people'::regclass AND attnum > 0"),
            "bigint,numeric,boolean,date,timestamp with time zone,text");
}

TEST_F(PostgresRows, writes_into_columns_that_cannot_be_compared) {
  sql("CREATE TABLE shop.people (id text PRIMARY KEY, name json); ALTER TABLE shop.people OWNER TO sluice_a");
  upsert({{"1", "{}"}, {"2", "{"}});
  upsert({{"1", "[1]"}});
  EXPECT_EQ(all(), "1=[1]");
  EXPECT_EQ(answers_["k2"].reason, "pg.22P02");
}

TEST_F(PostgresRows, carries_names_and_values_that_look_like_sql) {
  plan_.settings.set("table", "pe\"ople'; DROP SCHEMA shop; --");
  plan_.columns = {{.name = "a", .as = "i\"d", .identifies = true}, {.name = "b", .as = "select * from \\ $1"}};
  const std::vector<std::string> values = {
      "'); DROP TABLE x; --", "\\.", "\\N", "\\", "a\tb\nc\rd\\ne", "\"", "$$", "", "ä€𝄞", "\x01\x7f", std::string(300'000, '\\')};
  std::vector<Row> rows;
  for (const std::string& value : values) rows.push_back({value.substr(0, 100) + "k", value});
  upsert(rows);
  EXPECT_EQ(count(RowState::acknowledged), static_cast<int>(values.size()));
  EXPECT_EQ(sql(R"(SELECT count(*) FROM shop."pe""ople'; DROP SCHEMA shop; --" WHERE "i""d" = left("select * from \ $1", 100) || 'k')"),
            std::to_string(values.size()));
  EXPECT_EQ(sql(R"(SELECT max(length("select * from \ $1")) FROM shop."pe""ople'; DROP SCHEMA shop; --")"), "300000");
}

TEST_F(PostgresRows, rejects_the_rows_a_table_refuses_and_writes_the_others) {
  sql("CREATE TABLE shop.people (id int PRIMARY KEY, name varchar(20) NOT NULL UNIQUE CHECK (name <> 'nobody')); ALTER TABLE shop.people "
      "OWNER TO sluice_a");
  std::vector<Row> rows;
  for (int i = 0; i < 5'000; ++i) rows.push_back({std::to_string(i), "name " + std::to_string(i)});
  rows[7][0] = "jane@example.com";
  rows[1'000][1] = "nobody";
  rows[1'001][1] = std::nullopt;
  rows[2'500][1] = "a name that is much too long for it";
  rows[3'000][1] = std::string("a\0b", 3);
  rows[3'001][1] = "a\xff";
  rows[4'998][1] = "name 3999";  // unique
  rows[4'999][0] = std::nullopt;
  upsert(rows);
  EXPECT_EQ(count(RowState::rejected), 8);
  EXPECT_EQ(count(RowState::acknowledged), 4'992);
  EXPECT_EQ(sql("SELECT count(*) FROM shop.people"), "4992");
  const std::map<int, std::string> reasons = {{8, "pg.22P02"},     {1'001, "pg.23514"}, {1'002, "pg.23502"},        {2'501, "pg.22001"},
                                              {3'001, "pg.22021"}, {3'002, "pg.22021"}, {5'000, "pg.no_identifier"}};
  for (const auto& [key, reason] : reasons) EXPECT_EQ(answers_["k" + std::to_string(key)].reason, reason) << key;
  // Of two rows with the same name one stays.
  EXPECT_EQ((answers_["k4999"].reason + answers_["k4000"].reason), "pg.23505");
  for (const auto& [key, heard] : answers_) {
    EXPECT_EQ(heard.detail.find("jane@example.com"), std::string::npos);
    EXPECT_EQ(heard.detail.find("much too long for"), std::string::npos);
  }
  EXPECT_EQ(answers_["k8"].detail, "invalid input syntax for type integer");
}

TEST_F(PostgresRows, does_not_repeat_a_value_that_a_trigger_quotes) {
  sql("CREATE TABLE shop.people (id text PRIMARY KEY, name text); ALTER TABLE shop.people OWNER TO sluice_a;"
      "CREATE FUNCTION shop.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.name LIKE '%@%' THEN RAISE EXCEPTION 'not % here', "
      "NEW.name; END IF; RETURN NEW; END $$;"
      "CREATE TRIGGER no BEFORE INSERT ON shop.people FOR EACH ROW EXECUTE FUNCTION shop.no()");
  upsert({{"1", "Anna"}, {"2", "jane@example.com"}});
  EXPECT_EQ(all(), "1=Anna");
  EXPECT_EQ(answers_["k2"].reason, "pg.P0001");
  EXPECT_EQ(answers_["k2"].detail, "not … here");
}

TEST_F(PostgresRows, finds_rows_that_only_a_deferred_constraint_refuses) {
  sql("CREATE TABLE shop.city (id text PRIMARY KEY); INSERT INTO shop.city VALUES ('here');"
      "CREATE TABLE shop.people (id text PRIMARY KEY, name text REFERENCES shop.city DEFERRABLE INITIALLY DEFERRED);"
      "ALTER TABLE shop.people OWNER TO sluice_a; GRANT SELECT ON shop.city TO sluice_a");
  upsert({{"1", "here"}, {"2", "there"}, {"3", "here"}});
  EXPECT_EQ(all(), "1=here,3=here");
  EXPECT_EQ(answers_["k2"].reason, "pg.23503");
}

TEST_F(PostgresRows, rejects_the_rows_that_row_security_forbids) {
  sql("CREATE TABLE shop.people (id text PRIMARY KEY, name text); GRANT ALL ON shop.people TO sluice_a; ALTER TABLE shop.people ENABLE ROW "
      "LEVEL SECURITY;"
      "CREATE POLICY ours ON shop.people TO sluice_a USING (true) WITH CHECK (name <> 'theirs')");
  upsert({{"1", "ours"}, {"2", "theirs"}, {"3", "ours"}});
  EXPECT_EQ(all(), "1=ours,3=ours");
  EXPECT_EQ(answers_["k2"].reason, "pg.42501");
}

TEST_F(PostgresRows, rejects_removals_of_rows_that_others_point_to) {
  sql("CREATE TABLE shop.people (id text PRIMARY KEY, name text); ALTER TABLE shop.people OWNER TO sluice_a;"
      "INSERT INTO shop.people VALUES ('1', 'a'), ('2', 'b'), ('3', 'c'); CREATE TABLE shop.orders (p text REFERENCES shop.people); INSERT "
      "INTO shop.orders VALUES ('2')");
  const auto session = open();
  ASSERT_TRUE(session->remove(block({{"1", std::nullopt}, {"2", std::nullopt}, {"3", std::nullopt}})).ok());
  ASSERT_TRUE(session->flush().ok());
  EXPECT_EQ(all(), "2=b");
  EXPECT_EQ(answers_["k2"].reason, "pg.23503");
  EXPECT_EQ(count(RowState::acknowledged), 2);
}

TEST_F(PostgresRows, writes_the_same_key_twice_in_a_row_of_different_spellings) {
  sql("CREATE TABLE shop.people (id int PRIMARY KEY, name text); ALTER TABLE shop.people OWNER TO sluice_a");
  upsert({{"1", "a"}, {"01", "b"}, {" 1", "c"}, {"2", "d"}});
  EXPECT_EQ(count(RowState::acknowledged), 4);
  EXPECT_EQ(sql("SELECT count(*) FROM shop.people"), "2");
}

TEST_F(PostgresRows, ends_the_search_for_bad_rows_when_nearly_all_are) {
  sql("CREATE TABLE shop.people (id text PRIMARY KEY, name text CHECK (name = 'good')); ALTER TABLE shop.people OWNER TO sluice_a");
  std::vector<Row> rows;
  for (int i = 0; i < 20'000; ++i) rows.push_back({std::to_string(i), i % 4 == 0 ? "good" : "bad"});
  const auto start = std::chrono::steady_clock::now();
  upsert(rows);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
  EXPECT_EQ(answers_.size(), 20'000U);
  EXPECT_EQ(std::to_string(count(RowState::acknowledged)), sql("SELECT count(*) FROM shop.people"));
  EXPECT_GT(count(RowState::rejected), 14'999);
  EXPECT_EQ(warnings_, std::vector<std::string>{"pg.many_refused"});
}

TEST_F(PostgresRows, asks_for_a_unique_index_on_exactly_the_identifier) {
  sql("CREATE TABLE shop.people (id text, name text, UNIQUE (id, name)); ALTER TABLE shop.people OWNER TO sluice_a;"
      "CREATE UNIQUE INDEX ON shop.people (id) WHERE name <> ''; CREATE UNIQUE INDEX ON shop.people (lower(id)); CREATE INDEX ON "
      "shop.people (id)");
  const base::Error error = refused_open();
  EXPECT_EQ(error.reason, "service.refused");
  EXPECT_NE(error.detail.find("CREATE UNIQUE INDEX ON \"shop\".\"people\" (\"id\")"), std::string::npos) << error.detail;
  sql("CREATE UNIQUE INDEX ON shop.people (id) INCLUDE (name)");
  EXPECT_EQ(refused_open().reason, "none");
}

TEST_F(PostgresRows, names_what_is_missing_before_anything_is_sent) {
  plan_.settings.set("create_table", false);
  EXPECT_EQ(refused_open().reason, "service.missing");
  sql("CREATE TABLE shop.people (id text PRIMARY KEY, \"Name\" text); ALTER TABLE shop.people OWNER TO sluice_a");
  EXPECT_NE(refused_open().detail.find("has no column name"), std::string::npos);
  sql("DROP TABLE shop.people; CREATE VIEW shop.people AS SELECT 1 AS id, 2 AS name");
  EXPECT_NE(refused_open().detail.find("is a view"), std::string::npos);
  plan_.settings.set("table", std::string(64, 'x'));
  EXPECT_EQ(refused_open().reason, "service.refused");
  target_.settings.set("schema", "nowhere");
  plan_.settings.set("table", "people");
  EXPECT_NE(refused_open().detail.find("no schema nowhere"), std::string::npos);
}

TEST_F(PostgresRows, names_the_right_that_is_missing) {
  sql("CREATE TABLE shop.people (id text PRIMARY KEY, name text); GRANT SELECT, INSERT ON shop.people TO sluice_a");
  EXPECT_EQ(refused_open().reason, "service.permission");
  sql("GRANT UPDATE (name) ON shop.people TO sluice_a");
  EXPECT_EQ(refused_open().reason, "none");
  const auto session = open();
  const auto removed = session->remove(block({{"1", std::nullopt}}));
  const auto flushed = removed.ok() ? session->flush() : removed;
  ASSERT_FALSE(flushed.ok());
  EXPECT_EQ(flushed.error().reason, "service.permission");
  sql("REVOKE CREATE ON SCHEMA shop FROM sluice_a");
  plan_.settings.set("table", "others");
  EXPECT_EQ(refused_open().reason, "service.permission");
  sql("REVOKE USAGE ON SCHEMA shop FROM sluice_a");
  EXPECT_NE(refused_open().detail.find("lacks the right USAGE"), std::string::npos);
  sql("GRANT USAGE ON SCHEMA shop TO sluice_a; REVOKE TEMPORARY ON DATABASE postgres FROM sluice_a");
  EXPECT_NE(refused_open().detail.find("lacks the right TEMPORARY"), std::string::npos);
}

TEST_F(PostgresRows, tells_wrong_credentials_from_a_missing_database_CON_87) {
  target_.secrets["password"] = base::Secret("wrong-one");
  base::Error error = refused_open();
  EXPECT_EQ(error.reason, "service.credentials") << error.internal;
  EXPECT_EQ((error.detail + error.internal).find("wrong-one"), std::string::npos);
  target_.secrets["password"] = base::Secret("pass'word\\ 1");
  target_.settings.set("database", "host=example.com dbname=nowhere");
  EXPECT_EQ(refused_open().reason, "service.missing");
  target_.settings.set("database", "postgres");
  guard_ = net::Guard();
  EXPECT_EQ(refused_open().reason, "net.blocked");
}

TEST_F(PostgresRows, trusts_only_the_servers_that_the_mode_allows) {
  target_.settings.set("authority", "");
  EXPECT_EQ(refused_open().reason, "service.refused");
  target_.settings.set("tls", "require");
  EXPECT_EQ(refused_open().reason, "none");
  target_.settings.set("tls", "off");
  EXPECT_EQ(refused_open().reason, "none");
  target_.settings.set("tls", "verify_full");
  target_.settings.set("authority", server_.authority());
  target_.settings.set("host", "127.0.0.1");
  EXPECT_EQ(refused_open().reason, "service.refused") << "the certificate names localhost";
}

TEST_F(PostgresRows, answers_nothing_about_rows_of_a_transaction_whose_server_died) {
  sql("CREATE TABLE shop.people (id text PRIMARY KEY, name text); ALTER TABLE shop.people OWNER TO sluice_a;"
      "CREATE FUNCTION shop.die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN IF NEW.name = 'die' THEN PERFORM "
      "pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$;"
      "CREATE TRIGGER die BEFORE INSERT ON shop.people FOR EACH ROW EXECUTE FUNCTION shop.die()");
  const auto session = open();
  ASSERT_TRUE(session->upsert(block({{"1", "Anna"}})).ok());
  ASSERT_TRUE(session->flush().ok());
  ASSERT_TRUE(session->upsert(block({{"2", "Bo"}, {"3", "die"}})).ok());
  const auto flushed = session->flush();
  ASSERT_FALSE(flushed.ok());
  EXPECT_EQ(flushed.error().reason, "service.unavailable");
  EXPECT_EQ(all(), "1=Anna");
  EXPECT_EQ(answers_.size(), 1U);
}

TEST_F(PostgresRows, ends_within_a_second_of_a_stop_and_cancels_the_statement) {
  sql("CREATE TABLE shop.people (id text PRIMARY KEY, name text); ALTER TABLE shop.people OWNER TO sluice_a;"
      "CREATE FUNCTION shop.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;"
      "CREATE TRIGGER slow BEFORE INSERT ON shop.people FOR EACH ROW EXECUTE FUNCTION shop.slow()");
  const auto session = open();
  ASSERT_TRUE(session->upsert(block({{"1", "Anna"}})).ok());
  std::chrono::steady_clock::time_point stopped;
  std::thread stopper([&] {
    while (sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'sluice_a' AND query LIKE 'INSERT%' AND state = 'active'") != "1")
      std::this_thread::yield();
    stopped = std::chrono::steady_clock::now();
    stop_.request_stop();
  });
  const auto flushed = session->flush();
  stopper.join();
  EXPECT_LT(std::chrono::steady_clock::now() - stopped, std::chrono::seconds(1));
  ASSERT_FALSE(flushed.ok());
  EXPECT_EQ(flushed.error().code, base::Code::cancelled);
  const auto deadline = base::Deadline::after(std::chrono::seconds(10));
  while (sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'sluice_a' AND state = 'active'") != "0" && !deadline.passed())
    std::this_thread::yield();
  EXPECT_FALSE(deadline.passed()) << "the server is still at it";
  EXPECT_EQ(answers_.size(), 0U);
}

TEST_F(PostgresRows, gives_up_on_a_server_that_falls_silent) {
  test::Relay relay(server_.port());
  target_.settings.set("port", static_cast<std::int64_t>(relay.port()));
  context_.patience.stall = std::chrono::milliseconds(300);
  const auto session = open();
  relay.freeze();
  ASSERT_TRUE(session->upsert(block({{"1", "Anna"}})).ok());
  const auto flushed = session->flush();
  ASSERT_FALSE(flushed.ok());
  EXPECT_EQ(flushed.error().reason, "service.unavailable");
}

TEST_F(PostgresRows, says_unknown_when_the_answer_to_a_commit_is_lost) {
  sql("CREATE TABLE shop.people (id text PRIMARY KEY, name text); ALTER TABLE shop.people OWNER TO sluice_a;"
      "CREATE FUNCTION shop.die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN PERFORM "
      "pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
      "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON shop.people DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shop.die()");
  const auto session = open();
  ASSERT_TRUE(session->upsert(block({{"1", "Anna"}, {"2", "Bo"}})).ok());
  ASSERT_FALSE(session->flush().ok());
  EXPECT_EQ(count(RowState::unknown), 2);
}

TEST_F(PostgresRows, waits_for_a_lock_no_longer_than_it_is_patient) {
  sql("CREATE TABLE shop.people (id text PRIMARY KEY, name text); ALTER TABLE shop.people OWNER TO sluice_a");
  context_.patience.stall = std::chrono::milliseconds(800);
  const auto session = open();
  std::thread holder([&] { sql("BEGIN; LOCK TABLE shop.people; SELECT pg_sleep(1.5); COMMIT"); });
  while (sql("SELECT count(*) FROM pg_locks WHERE relation = 'shop.people'::regclass AND mode = 'AccessExclusiveLock' AND granted") != "1")
    std::this_thread::yield();
  ASSERT_TRUE(session->upsert(block({{"1", "Anna"}})).ok());
  const auto flushed = session->flush();
  ASSERT_FALSE(flushed.ok());
  EXPECT_EQ(flushed.error().reason, "service.unavailable");
  EXPECT_EQ(answers_.size(), 0U);
  holder.join();
}

TEST_F(PostgresRows, delivers_three_hundred_thousand_rows) {
  const auto session = open();
  for (int from = 0; from < 300'000; from += 7'000) {
    std::vector<Row> rows;
    for (int i = from; i < std::min(from + 7'000, 300'000); ++i)
      rows.push_back({"user" + std::to_string(i) + "@example.com", "Name " + std::to_string(i)});
    ASSERT_TRUE(session->upsert(block(rows)).ok());
  }
  ASSERT_TRUE(session->flush().ok());
  EXPECT_EQ(count(RowState::acknowledged), 300'000);
  EXPECT_EQ(sql("SELECT count(*) FROM shop.people WHERE 'user' || substr(name, 6) || '@example.com' = id"), "300000");
}

TEST_F(PostgresRows, shows_the_first_transaction_without_sending_it_BEY_09) {
  const auto text = preview_rows(target_, plan_, *block({{"1", "An\tna"}, {"2", std::nullopt}}));
  ASSERT_TRUE(text.ok());
  EXPECT_NE(text->find("COPY pg_temp.sluice_rows (\"id\", \"name\") FROM STDIN;\n1\tAn\\tna\n2\t\\N\n\\.\nINSERT INTO \"shop\".\"people\""),
            std::string::npos)
      << *text;
  EXPECT_EQ(text->find("pass'word"), std::string::npos);
}

TEST_F(PostgresRows, verifies_step_by_step_BEY_07) {
  std::vector<std::string> reported;
  const auto report = [&](const Step& step) {
    reported.push_back(step.name + " " + std::string(enum_names(step.state)[static_cast<std::size_t>(step.state)]));
  };
  const auto steps = verify(context_, target_, report);
  EXPECT_EQ(reported,
            (std::vector<std::string>{"resolve passed", "connect passed", "sign_in passed", "permission passed", "write passed"}));
  EXPECT_NE(steps[2].detail.find("encrypted"), std::string::npos);
  reported.clear();
  target_.secrets["password"] = base::Secret("wrong-one");
  const auto failed = verify(context_, target_, report);
  EXPECT_EQ(reported,
            (std::vector<std::string>{"resolve passed", "connect passed", "sign_in failed", "permission skipped", "write skipped"}));
  EXPECT_TRUE(failed[2].advice.has_value());
  target_.settings.set("port", 1);
  reported.clear();
  verify(context_, target_, report);
  EXPECT_EQ(reported[1], "connect failed");
}

}  // namespace
}  // namespace sluice::drivers::postgresql
