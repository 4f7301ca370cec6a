// Any bytes as the answer of a service, and as its headers: rows that it names are rows of the request, each once, and what is told to
// people is short, valid and without secrets. Build with -DSLUICE_FUZZ=ON, run: answer_fuzz -max_len=2000
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "drivers/http_json/answer.h"
#include "drivers/http_json/budget.h"
#include "drivers/http_json/pointer.h"

namespace {

using namespace sluice;
using namespace sluice::drivers;
using namespace sluice::drivers::http_json;

constexpr std::string_view kSecret = "s3cret";
constexpr std::size_t kMostWords = 303;  // 300, and an ellipsis

void demand(bool condition) {
  if (!condition) std::abort();
}

void demand_tellable(std::string_view text, std::size_t most) {
  demand(text.size() <= most && base::is_valid_utf8(text) && text.find(kSecret) == std::string_view::npos);
}

struct World {
  Target target;
  std::vector<RowColumn> columns = {{"email", "EMAIL", base::ColumnType::text, true}};
  RowBlock block{1};
  std::vector<RowRef> rows;
  manifest::HttpService service;
  std::vector<manifest::Rejected> rejected;
  std::vector<manifest::Ids> ids;

  World() {
    target.secrets.emplace("key", base::Secret(kSecret));
    for (const char* email : {"a", "b@x", "", "\xC3\x84"}) {
      const base::Cell cell = base::Cell::of(email);
      block.add(1, email, 1, {&cell, 1});
      rows.push_back({&block, static_cast<std::uint32_t>(rows.size())});
    }
    service.errors = {{.status = {400}, .pointer = "/code", .equals = {"1*"}, .means = manifest::Means::partial},
                      {.pointer = "/ok", .equals = {"false"}, .means = manifest::Means::rows}};
    rejected = {{.each = "/e", .row = "/i", .reason = "/r", .detail = "/d"},
                {.each = "", .by = "", .attribute = "email", .reason = "#"},
                {.each = "/*/*", .by = "#", .attribute = "email", .detail = ""},
                {.each = "/s", .row = "#", .when_pointer = "/t", .when_equals = {"4*"}}};
    ids = {{.each = "/e", .row = "/i", .id = "/r"}, {.each = "", .by = "#", .attribute = "email", .id = ""}};
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const World world;
  static const Mask mask(world.target);
  if (size < 2) return 0;
  net::HttpAnswer answer;
  constexpr long kStatus[] = {200, 207, 302, 400, 401, 404, 422, 429, 500, 503};
  answer.status = kStatus[bytes[0] % 10];
  const std::string_view all(reinterpret_cast<const char*>(bytes) + 2, size - 2);
  const std::size_t cut = std::min<std::size_t>(bytes[1], all.size());
  constexpr const char* kHeaders[] = {"retry-after", "x-ratelimit-reset", "x-ratelimit-remaining", "content-type"};
  answer.headers = {{kHeaders[bytes[0] / 10 % 4], std::string(all.substr(0, cut))}, {"ratelimit-remaining", "0"}};
  answer.body = all.substr(cut);

  const base::Timestamp now = base::from_micros(1'795'608'000'000'000);
  const auto wait = wait_of(answer, now);
  demand(!wait || (wait->count() >= 0 && *wait <= std::chrono::hours(48)));
  Budget budget;
  budget.note(answer, std::chrono::steady_clock::now(), now);

  auto parsed = parse_body(answer);
  const base::json::Value body = parsed.ok() ? *std::move(parsed) : base::json::Value();
  const Verdict verdict = judge(world.service, answer, body, mask);
  demand_tellable(verdict.words, kMostWords);
  demand_tellable(error_of(verdict, answer, now).detail, 2 * kMostWords);
  (void)find_at(body, all.substr(0, cut));

  Rejections found;
  for (const manifest::Rejected& rule : world.rejected) find_rejected(rule, body, world.rows, world.columns, mask, found);
  std::vector<bool> seen(world.rows.size());
  for (const RejectedRow& one : found.rows) {
    demand(one.row < seen.size() && !seen[one.row]);
    seen[one.row] = true;
    demand_tellable(one.reason, 64);
    demand_tellable(one.detail, kMostWords);
    demand(!one.reason.empty());
  }
  for (const manifest::Ids& rule : world.ids) demand(find_ids(rule, body, world.rows, world.columns).size() == world.rows.size());
  return 0;
}
