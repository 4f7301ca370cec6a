#include "features/schedules/zone.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace sluice::schedules {

using base::Error;
using base::Result;
using std::chrono::seconds;

namespace {

constexpr std::size_t kMaxFileBytes = 256 * 1024;                                // the largest real one has 4 KB
constexpr seconds kFarthest = std::chrono::hours(26);                            // offsets lie within -25 h and +26 h (RFC 9636, 3.2)
constexpr Instant kBegin{seconds(-62'167'219'200)};                              // 0000-01-01
constexpr Instant kEnd{seconds(253'402'300'799)};                                // 9999-12-31
constexpr std::string_view kPrivate[] = {"Factory", "localtime", "posixrules"};  // not zones, or the host's own

Instant in_range(Instant at) { return std::clamp(at, kBegin, kEnd); }

std::chrono::year year_of(Instant at) { return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(at)).year(); }

// The name is told only when it is one, so that no foreign bytes come back.
Error unknown_zone(std::string_view name, std::string internal) {
  const std::string what =
      is_zone_name(name) ? "There is no time zone \"" + std::string(name) + "\"" : "This is not the name of a time zone";
  return {.code = base::Code::invalid,
          .reason = "schedule.unknown_zone",
          .detail = what + "; choose one such as Europe/Copenhagen.",
          .internal = std::move(internal)};
}

// Big-endian numbers of a TZif file. Positions are checked by the caller.
std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}
std::int32_t int32_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(number_at(bytes, at, 4)));
}

constexpr std::size_t kHeaderBytes = 44;

struct Header {
  std::size_t isut = 0, isstd = 0, leaps = 0, times = 0, types = 0, chars = 0;
  std::size_t block_bytes(std::size_t time_bytes) const {
    return times * (time_bytes + 1) + types * 6 + chars + leaps * (time_bytes + 4) + isstd + isut;
  }
};

std::optional<Header> header_at(std::string_view bytes, std::size_t at) {
  if (bytes.size() < at + kHeaderBytes || bytes.substr(at, 4) != "TZif" || bytes[at + 4] < '2') return std::nullopt;
  const auto count = [&](std::size_t i) { return static_cast<std::size_t>(number_at(bytes, at + 20 + 4 * i, 4)); };
  return Header{count(0), count(1), count(2), count(3), count(4), count(5)};
}

}  // namespace

// The POSIX TZ text of the last line, "EST5EDT,M3.2.0,M11.1.0" or "<+0330>-3:30", with the hours of -167 to 167 that
// version 3 allows.
class Zone::FooterReader {
 public:
  explicit FooterReader(std::string_view text) : text_(text) {}

  std::optional<Footer> read() {
    Footer footer;
    if (!skip_name()) return std::nullopt;
    const auto standard = time();
    if (!standard) return std::nullopt;
    footer.standard = -*standard;  // POSIX counts west of Greenwich
    if (text_.empty()) return is_sound(footer.standard) ? std::optional(footer) : std::nullopt;

    Daylight daylight;
    if (!skip_name()) return std::nullopt;
    daylight.offset = footer.standard + std::chrono::hours(1);
    if (!text_.empty() && text_.front() != ',') {
      const auto offset = time();
      if (!offset) return std::nullopt;
      daylight.offset = -*offset;
    }
    if (!skip(',') || !yearly(daylight.begin) || !skip(',') || !yearly(daylight.end) || !text_.empty()) return std::nullopt;
    if (!is_sound(footer.standard) || !is_sound(daylight.offset)) return std::nullopt;
    footer.daylight = daylight;
    return footer;
  }

 private:
  static bool is_sound(seconds offset) { return offset > -kFarthest && offset < kFarthest; }

  bool skip(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool skip_name() {
    std::size_t length = 0;
    if (skip('<')) {
      length = text_.find('>');
      if (length == std::string_view::npos || length == 0) return false;
      text_.remove_prefix(length + 1);
      return true;
    }
    while (length < text_.size() && ((text_[length] | 0x20) >= 'a' && (text_[length] | 0x20) <= 'z')) ++length;
    text_.remove_prefix(length);
    return length >= 3;
  }

  std::optional<int> number(int most) {
    int value = 0;
    std::size_t length = 0;
    for (; length < text_.size() && length < 4 && text_[length] >= '0' && text_[length] <= '9'; ++length)
      value = value * 10 + (text_[length] - '0');
    text_.remove_prefix(length);
    if (length == 0 || value > most) return std::nullopt;
    return value;
  }

  std::optional<seconds> time() {
    const bool negative = skip('-');
    if (!negative) skip('+');
    const auto hours = number(167);
    if (!hours) return std::nullopt;
    seconds value = std::chrono::hours(*hours);
    seconds unit = std::chrono::minutes(1);
    for (; unit.count() > 0 && skip(':'); unit /= 60) {
      const auto part = number(59);
      if (!part) return std::nullopt;
      value += *part * unit;
    }
    return negative ? -value : value;
  }

  bool yearly(Yearly& date) {
    std::optional<int> day;
    if (skip('M')) {
      const auto month = number(12);
      const auto week = skip('.') ? number(5) : std::nullopt;
      day = skip('.') ? number(6) : std::nullopt;
      if (!month || !week || !day || *month < 1 || *week < 1) return false;
      date = {.form = 'M', .month = *month, .week = *week};
    } else {
      date.form = skip('J') ? 'J' : '0';
      day = number(365);
      if (!day || (date.form == 'J' && *day < 1)) return false;
    }
    date.day = *day;
    if (!skip('/')) return true;
    const auto at = time();
    if (!at) return false;
    date.time = *at;
    return true;
  }

  std::string_view text_;
};

Instant Zone::Yearly::in(std::chrono::year year) const {
  using namespace std::chrono;
  if (form == 'M') {
    const auto first = year / std::chrono::month(static_cast<unsigned>(month));
    const std::chrono::weekday weekday(static_cast<unsigned>(day));
    const sys_days date = week == 5 ? sys_days(first / weekday[last]) : sys_days(first / weekday[static_cast<unsigned>(week)]);
    return date + time;
  }
  const bool counts_leap_day = form == 'J' && day >= 60 && year.is_leap();
  return sys_days(year / January / 1) + days(form == 'J' ? day - 1 : day) + days(counts_leap_day ? 1 : 0) + time;
}

seconds Zone::Footer::offset_at(Instant at) const {
  if (!daylight) return standard;
  const std::chrono::year year = year_of(at + standard);
  const Instant begin = daylight->begin.in(year)-standard;
  const Instant end = daylight->end.in(year)-daylight->offset;
  const bool is_daylight = begin < end ? at >= begin && at < end : at < end || at >= begin;
  return is_daylight ? daylight->offset : standard;
}

Result<Zone> Zone::parse(std::string_view name, std::string_view bytes) {
  const auto unsound = [&](const char* why) { return unknown_zone(name, "reading a TZif file: " + std::string(why)); };
  // The first block, with times of 32 bits, is passed over.
  const auto old = header_at(bytes, 0);
  if (!old || bytes.size() > kMaxFileBytes) return unsound("not of version 2 or later");
  const std::size_t second = kHeaderBytes + old->block_bytes(4);
  const auto header = header_at(bytes, second);
  if (!header) return unsound("no second header");
  const std::size_t times = second + kHeaderBytes;
  const std::size_t indices = times + header->times * 8;
  const std::size_t types = indices + header->times;
  const std::size_t end = times + header->block_bytes(8);
  if (bytes.size() < end) return unsound("cut off");
  if (header->types == 0) return unsound("no types");
  if (header->leaps != 0) return unsound("counts leap seconds");

  Zone zone;
  zone.name_ = name;
  for (std::size_t i = 0; i < header->types; ++i) {
    const seconds offset(int32_at(bytes, types + i * 6));
    if (offset <= -kFarthest || offset >= kFarthest) return unsound("an offset of more than a day");
  }
  const auto offset_of = [&](std::size_t type) { return seconds(int32_at(bytes, types + type * 6)); };
  zone.first_ = offset_of(0);
  for (std::size_t i = 0; i < header->times; ++i) {
    const Instant at = in_range(Instant(seconds(static_cast<std::int64_t>(number_at(bytes, times + i * 8, 8)))));
    const auto type = static_cast<std::size_t>(static_cast<unsigned char>(bytes[indices + i]));
    if (type >= header->types) return unsound("an unknown type");
    if (!zone.table_.empty() && at < zone.table_.back().at) return unsound("times out of order");
    zone.table_.push_back({at, offset_of(type)});
  }
  const std::string_view tail = bytes.substr(end);
  const std::size_t newline = tail.find('\n', 1);
  if (tail.empty() || tail.front() != '\n' || newline == std::string_view::npos) return unsound("no last line");
  if (const std::string_view text = tail.substr(1, newline - 1); !text.empty()) {
    zone.footer_ = FooterReader(text).read();
    if (!zone.footer_) return unsound("the last line is not a POSIX TZ text");
    // From the last entry on the footer holds; they agree in sound files.
    if (!zone.table_.empty()) zone.table_.back().offset = zone.footer_->offset_at(zone.table_.back().at);
  }
  return zone;
}

Result<Zone> Zone::load(std::string_view name, const std::filesystem::path& folder) {
  if (!is_zone_name(name)) return unknown_zone(name, "not a zone name");
  if (name == "UTC") return utc();  // also where there are no files
  const std::filesystem::path path = folder / name;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return unknown_zone(name, "no such file");
  std::ifstream file(path, std::ios::binary);
  std::string bytes(kMaxFileBytes + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return parse(name, bytes);
}

Zone Zone::utc() {
  Zone zone;
  zone.name_ = "UTC";
  return zone;
}

seconds Zone::offset_at(Instant at) const {
  at = in_range(at);
  if (table_.empty()) return footer_ ? footer_->offset_at(at) : first_;
  if (footer_ && at >= table_.back().at) return footer_->offset_at(at);
  const auto next = std::upper_bound(table_.begin(), table_.end(), at, [](Instant t, const Entry& e) { return t < e.at; });
  return next == table_.begin() ? first_ : std::prev(next)->offset;
}

std::optional<Change> Zone::next_change(Instant after) const {
  after = in_range(after);
  auto entry = std::upper_bound(table_.begin(), table_.end(), after, [](Instant t, const Entry& e) { return t < e.at; });
  for (; entry != table_.end(); ++entry) {
    const seconds before = entry == table_.begin() ? first_ : std::prev(entry)->offset;
    if (before != entry->offset) return Change{entry->at, before, entry->offset};
  }
  return next_footer_change(table_.empty() ? after : std::max(after, table_.back().at));
}

std::optional<Change> Zone::next_footer_change(Instant after) const {
  if (!footer_ || !footer_->daylight) return std::nullopt;
  const Daylight& daylight = *footer_->daylight;
  std::optional<Change> found;
  // Dates written as hours of up to a week lie in the neighbouring year.
  const std::chrono::year year = year_of(after);
  for (int i = -1; i <= 2; ++i) {
    const std::chrono::year in = year + std::chrono::years(i);
    for (const Instant at : {daylight.begin.in(in)-footer_->standard, daylight.end.in(in)-daylight.offset}) {
      if (at <= after || (found && at >= found->at)) continue;
      const Change change{at, footer_->offset_at(at - seconds(1)), footer_->offset_at(at)};
      if (change.before != change.after) found = change;  // else daylight saving all year: an end that is a begin
    }
  }
  return found;
}

Meaning Zone::meaning_of(LocalTime local) const {
  const Instant as_utc = in_range(Instant(local.time_since_epoch()));
  Meaning meaning;
  Instant from = as_utc - kFarthest;
  seconds offset = offset_at(from);
  while (true) {
    auto change = next_change(from);
    if (change && change->at > as_utc + kFarthest) change.reset();
    const Instant at = as_utc - offset;
    if (at >= from && (!change || at < change->at) && meaning.count < meaning.at.size()) meaning.at[meaning.count++] = at;
    if (!change) break;
    const LocalTime shown(as_utc.time_since_epoch());
    if (change->is_forward() && change->from() <= shown && shown < change->to()) meaning.jumped = change;
    from = change->at;
    offset = change->after;
  }
  if (meaning.count != 0) meaning.jumped.reset();
  return meaning;
}

bool is_zone_name(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  for (const std::string_view part : base::split(name, '/')) {
    if (part.empty() || !((part[0] | 0x20) >= 'a' && (part[0] | 0x20) <= 'z')) return false;
    const bool is_plain = std::all_of(part.begin(), part.end(), [](char c) {
      return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+';
    });
    if (!is_plain) return false;
  }
  // Copies of the whole tree: with leap seconds, and without.
  if (name.starts_with("right/") || name.starts_with("posix/")) return false;
  return std::find(std::begin(kPrivate), std::end(kPrivate), name) == std::end(kPrivate);
}

std::vector<std::string> zone_names(const std::filesystem::path& folder) {
  std::vector<std::string> names{"UTC"};
  std::error_code error;
  std::filesystem::recursive_directory_iterator walk(folder, std::filesystem::directory_options::skip_permission_denied, error);
  for (; !error && walk != std::filesystem::recursive_directory_iterator(); walk.increment(error)) {
    const std::string name = walk->path().lexically_relative(folder).generic_string();
    std::error_code ignored;
    if (walk->is_directory(ignored)) {
      if (name == "right" || name == "posix") walk.disable_recursion_pending();
      continue;
    }
    if (!is_zone_name(name) || name == "UTC" || !walk->is_regular_file(ignored)) continue;
    char magic[4] = {};
    std::ifstream(walk->path(), std::ios::binary).read(magic, sizeof magic);
    if (std::string_view(magic, sizeof magic) == "TZif") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace sluice::schedules
