#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "base/authz.h"
#include "base/describe.h"
#include "base/id.h"
#include "base/json.h"
#include "base/metrics.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/thread_pool.h"
#include "base/time.h"

namespace sluice::base {
namespace {

TEST(Id, CON_09_is_a_uuid_of_version_7_and_sorts_by_creation) {
  std::string last;
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    const std::string id = UserId::make().str();
    EXPECT_EQ(id.size(), 36U);
    EXPECT_EQ(id[14], '7');
    EXPECT_LT(last, id);
    EXPECT_TRUE(seen.insert(id).second);
    last = id;
  }
}

TEST(Id, reads_either_case_and_refuses_everything_else) {
  const auto id = UserId::parse("0192F0C1-1111-7ABC-8DEF-0123456789AB");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->str(), "0192f0c1-1111-7abc-8def-0123456789ab");
  for (const char* text : {"", "0192f0c1", "0192f0c1-1111-7abc-8def-0123456789ag", "0192f0c1_1111-7abc-8def-0123456789ab",
                           "0192f0c1-1111-7abc-8def-0123456789abc", "../../etc/passwd"}) {
    EXPECT_FALSE(UserId::parse(text)) << text;
  }
}

TEST(Time, writes_and_reads_rfc_3339) {
  const auto t = parse_rfc3339("2026-01-02T03:04:05.123456Z");
  ASSERT_TRUE(t);
  EXPECT_EQ(format_rfc3339(*t), "2026-01-02T03:04:05.123456Z");
  EXPECT_EQ(format_rfc3339(*parse_rfc3339("2026-01-02T03:04:05+02:00")), "2026-01-02T01:04:05Z");
  EXPECT_EQ(format_rfc3339(*parse_rfc3339("2024-02-29T23:59:59Z")), "2024-02-29T23:59:59Z");
  for (const char* text : {"2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-02", "2026-01-02T24:00:00Z", "2026-01-02T03:04:60Z",
                           "2026-01-02T03:04:05", "2026-01-02T03:04:05.Z", "x"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(Text, knows_valid_utf8) {
  EXPECT_TRUE(is_valid_utf8("Øst 漢字 🎈"));
  for (const char* text : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4", "abc\xFF"}) EXPECT_FALSE(is_valid_utf8(text));
  EXPECT_EQ(utf8_length("漢字 🎈"), 4U);
}

TEST(Text, CON_47_folds_the_case_of_names) {
  EXPECT_EQ(fold_case("ÅNGSTRÖM Straße ΑΘΗΝΑ МОСКВА"), fold_case("ångström straße αθηνα москва"));
  EXPECT_NE(fold_case("a"), fold_case("á"));
}

TEST(Text, base64_takes_both_alphabets) {
  const std::string bytes("\x00\xFF\xFE sluice?>", 11);
  EXPECT_EQ(parse_base64(base64(bytes)), bytes);
  EXPECT_EQ(parse_base64(base64url(bytes)), bytes);
  EXPECT_FALSE(parse_base64("a"));
  EXPECT_FALSE(parse_base64("ab$d"));
}

TEST(Text, decodes_percent_strictly) {
  EXPECT_EQ(percent_decode("a%20b+c", true), "a b c");
  EXPECT_EQ(percent_decode("a+c", false), "a+c");
  EXPECT_FALSE(percent_decode("%2", false));
  EXPECT_FALSE(percent_decode("%zz", false));
  EXPECT_EQ(percent_encode("a b/ø"), "a%20b%2F%C3%B8");
}

TEST(Json, keeps_integers_exact_and_refuses_what_is_not_json) {
  const auto value = json::parse(R"({"a":9223372036854775807,"b":[1.5,null,true,"\u00e9"]})");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(json::write(*value), R"({"a":9223372036854775807,"b":[1.5,null,true,"é"]})");
  for (const char* text : {"", "{", "{\"a\":1,\"a\":2}", "[1,]", "\"\xFF\"", "{\"a\":9223372036854775808}", "1e999", "nul", "{}x"})
    EXPECT_FALSE(json::parse(text).ok()) << text;
  EXPECT_FALSE(json::parse(std::string(100, '[') + std::string(100, ']')).ok());
  EXPECT_EQ(json::parse("{\n  \"a\": ?\n}").error().detail, "The JSON text is broken at line 2, column 8.");
}

TEST(Json, C_101_numbers_beyond_64_bits_become_exact_text_where_that_is_asked_for) {
  for (const std::string number : {"18446744073709551615", "123456789012345678901234567890", "-9223372036854775809"}) {
    EXPECT_FALSE(json::parse("18446744073709551615").ok());
    const auto value = json::parse("[" + number + "]", {.big_as_text = true});
    ASSERT_TRUE(value.ok()) << number;
    EXPECT_EQ(value->as_array()->at(0).text(), number);
  }
  EXPECT_NE(json::parse("1.5", {.big_as_text = true})->as_double(), nullptr);
}

TEST(Json, writes_valid_text_whatever_it_is_given) {
  std::string out;
  json::append_quoted(out, "a\"\\\n\x01\xFF");
  EXPECT_TRUE(json::parse(out).ok());
}

struct Inner {
  std::string name;
  std::optional<std::int64_t> count;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("name", s.name, length(1, 5));
    v("count", s.count, range(0, 10));
  }
};
struct Outer {
  std::vector<Inner> items;
  Role role = Role::viewer;
  Patch<std::string> note;
  Secret password;
  template <class V, class S>
  static void describe(V& v, S& s) {
    v("items", s.items, length(0, 2));
    v("role", s.role);
    v("note", s.note);
    if constexpr (!std::is_const_v<S>) v("password", s.password, absent_ok());
  }
};

TEST(Describe, reports_every_fault_with_its_pointer) {
  const auto read = read_json<Outer>(R"({"items":[{"name":"toolong","count":11},{"count":"x"}],"role":"king","other":1})");
  ASSERT_FALSE(read.ok());
  std::vector<std::string> pointers;
  for (const FieldError& fault : read.error().fields) pointers.push_back(fault.pointer + " " + fault.reason);
  EXPECT_EQ(pointers, (std::vector<std::string>{"/items/0/name too_long", "/items/0/count out_of_range", "/items/1/name required",
                                                "/items/1/count wrong_kind", "/role not_a_choice", "/other unknown"}));
}

TEST(Describe, tells_absent_null_and_a_value_apart) {
  EXPECT_FALSE(read_json<Outer>(R"({"items":[],"role":"viewer"})")->note.present);
  EXPECT_TRUE(read_json<Outer>(R"({"items":[],"role":"viewer","note":null})")->note.present);
  EXPECT_FALSE(read_json<Outer>(R"({"items":[],"role":"viewer","note":null})")->note.value);
  EXPECT_EQ(read_json<Outer>(R"({"items":[],"role":"viewer","note":"x"})")->note.value, "x");
}

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

TEST(Secret, CON_49_cannot_be_printed_or_copied_by_accident) {
  static_assert(!Printable<Secret>);
  static_assert(!std::is_copy_constructible_v<Secret>);
  static_assert(!std::is_convertible_v<Secret, std::string>);
  static_assert(!std::is_convertible_v<Secret, std::string_view>);
  Secret a("hunter2-hunter2");
  Secret b = std::move(a);
  EXPECT_TRUE(a.empty());
  EXPECT_EQ(b.expose(), "hunter2-hunter2");
  EXPECT_TRUE(b.equals(Secret("hunter2-hunter2")));
  EXPECT_FALSE(b.equals(Secret("hunter2-hunter3")));
}

TEST(Authz, ROL_01_each_role_includes_the_lower_ones) {
  for (int p = 0; p < static_cast<int>(enum_names(Permission{}).size()); ++p) {
    const auto permission = static_cast<Permission>(p);
    EXPECT_LE(allows(Role::viewer, permission), allows(Role::contributor, permission));
    EXPECT_LE(allows(Role::contributor, permission), allows(Role::administrator, permission));
    EXPECT_TRUE(allows(Role::administrator, permission));
  }
  EXPECT_FALSE(allows(Role::contributor, Permission::connections_manage));  // ROL-19
  EXPECT_FALSE(allows(Role::viewer, Permission::exports_edit));             // ROL-34
}

TEST(ThreadPool, refuses_when_its_queue_is_full_and_finishes_what_it_took) {
  std::atomic<int> ran = 0;
  std::mutex gate;
  {
    ThreadPool pool("test", 1, 2);
    gate.lock();
    std::promise<void> started;
    ASSERT_TRUE(pool.post([&] {
      started.set_value();
      const std::lock_guard lock(gate);
      ++ran;
    }));
    started.get_future().wait();
    EXPECT_TRUE(pool.post([&] { ++ran; }));
    EXPECT_TRUE(pool.post([&] {
      ++ran;
      throw std::runtime_error("a job may not end the pool");
    }));
    EXPECT_FALSE(pool.post([&] { ++ran; }));
    gate.unlock();
  }
  EXPECT_EQ(ran, 3);
}

TEST(Metrics, SYS_50_labels_and_help_are_escaped_and_buckets_add_up) {
  static constexpr std::array kBounds = {0.1, 1.0};
  metrics::Histograms histograms({"route"}, std::span<const double>(kBounds));
  for (const double seconds : {0.05, 0.1, 0.5, 7.0}) histograms.at({"a\"b\\c\nd"}).observe(seconds);
  metrics::Writer out;
  out.histograms("took_seconds", "Line one\nand \\ two", histograms);
  EXPECT_EQ(out.take(),
            "# HELP took_seconds Line one\\nand \\\\ two\n# TYPE took_seconds histogram\n"
            "took_seconds_bucket{route=\"a\\\"b\\\\c\\nd\",le=\"0.1\"} 2\n"
            "took_seconds_bucket{route=\"a\\\"b\\\\c\\nd\",le=\"1\"} 3\n"
            "took_seconds_bucket{route=\"a\\\"b\\\\c\\nd\",le=\"+Inf\"} 4\n"
            "took_seconds_sum{route=\"a\\\"b\\\\c\\nd\"} 7.65\n"
            "took_seconds_count{route=\"a\\\"b\\\\c\\nd\"} 4\n");
}

TEST(Metrics, SYS_50_series_are_bounded_and_counted_by_many_threads) {
  metrics::Counters counters({"name"});
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < metrics::kMostSeries + 500; ++i) counters.at({std::to_string(i)}).add();
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::size_t series = 0;
  std::uint64_t sum = 0;
  counters.each([&](const metrics::Values&, const metrics::Counter& counter) {
    ++series;
    sum += counter.value();
  });
  EXPECT_LE(series, metrics::kMostSeries + 1);
  EXPECT_EQ(sum, 4 * (metrics::kMostSeries + 500));
  EXPECT_EQ(counters.at({"other"}).value(), 4 * 500u);
}

}  // namespace
}  // namespace sluice::base
