#include "features/schedules/rule.h"

#include <algorithm>
#include <set>
#include <utility>

#include "features/schedules/calendar.h"

namespace sluice::schedules {

using base::Error;
using base::Result;
using base::Timestamp;

namespace {

constexpr Timestamp kEnd = std::chrono::sys_days(std::chrono::year(9900) / 1 / 1);

class Faults {
 public:
  explicit Faults(std::string_view pointer) : pointer_(pointer) {}

  void add(std::string_view member, std::string reason, std::string detail) {
    fields_.push_back({pointer_ + "/" + std::string(member), std::move(reason), std::move(detail)});
  }

  // A list that must be there, with 1 to `most` items that differ; `fault_of` gives what is wrong with one of them, or "".
  template <class T, class F>
  void check_list(std::string_view member, const std::optional<std::vector<T>>& list, std::size_t most, F&& fault_of) {
    if (!list || list->empty()) return add(member, "required", "must hold at least one");
    if (list->size() > most) return add(member, "too_long", "must hold at most " + std::to_string(most));
    std::set<T> seen;
    for (std::size_t i = 0; i < list->size(); ++i) {
      const std::string item = std::string(member) + "/" + std::to_string(i);
      const std::string fault = fault_of((*list)[i]);
      if (!fault.empty())
        add(item, "invalid", fault);
      else if (!seen.insert((*list)[i]).second)
        add(item, "twice", "is named twice");
    }
  }

  Result<void> result() && {
    if (fields_.empty()) return {};
    Error error{.code = base::Code::invalid, .reason = "schedule.invalid", .detail = "The schedule cannot be used; see errors."};
    if (fields_.size() == 1) error.detail = fields_.front().pointer.substr(1) + " " + fields_.front().detail + ".";
    error.fields = std::move(fields_);
    return error;
  }

 private:
  std::string pointer_;
  std::vector<base::FieldError> fields_;
};

void check_interval(const Rule& rule, Faults& faults) {
  if (!rule.every) faults.add("every", "required", "is required");
  if (!rule.unit) faults.add("unit", "required", "is required");
  if (rule.every && rule.unit && !interval_of(rule))
    faults.add("every", "out_of_range", "must come to at least 5 minutes and at most 31 days");
}

void check_cron(const Rule& rule, Faults& faults) {
  if (!rule.cron) return faults.add("cron", "required", "is required");
  if (const auto cron = parse_cron(*rule.cron); !cron.ok()) faults.add("cron", "invalid", cron.error().detail);
}

void check_unused(const Rule& rule, Faults& faults) {
  const auto check_member = [&](std::string_view member, bool is_there, std::initializer_list<Recurrence> users) {
    if (!is_there || std::find(users.begin(), users.end(), rule.recurrence) != users.end()) return;
    faults.add(member, "unused", "is not a member of the recurrence " + std::string(base::to_name(rule.recurrence)));
  };
  check_member("every", rule.every.has_value(), {Recurrence::interval});
  check_member("unit", rule.unit.has_value(), {Recurrence::interval});
  check_member("weekdays", rule.weekdays.has_value(), {Recurrence::weekly});
  check_member("month_days", rule.month_days.has_value(), {Recurrence::monthly});
  check_member("times", rule.times.has_value(), {Recurrence::daily, Recurrence::weekly, Recurrence::monthly});
  check_member("cron", rule.cron.has_value(), {Recurrence::cron});
}

std::optional<Timestamp> next_interval(const Rule& rule, Timestamp after, Timestamp anchor) {
  const auto length = interval_of(rule);
  if (!length || after >= kEnd || anchor >= kEnd) return std::nullopt;
  if (after < anchor) return anchor;
  return anchor + ((after - anchor) / *length + 1) * std::chrono::microseconds(*length);
}

}  // namespace

Result<void> check(const Rule& rule, std::string_view pointer) {
  Faults faults(pointer);
  switch (rule.recurrence) {
    case Recurrence::interval:
      check_interval(rule, faults);
      break;
    case Recurrence::weekly:
      faults.check_list("weekdays", rule.weekdays, 7, [](Weekday) { return std::string(); });
      break;
    case Recurrence::monthly:
      faults.check_list("month_days", rule.month_days, 31,
                        [](std::int64_t day) { return std::string(day >= 1 && day <= 31 ? "" : "must be a day from 1 to 31"); });
      break;
    case Recurrence::cron:
      check_cron(rule, faults);
      break;
    case Recurrence::daily:
      break;
  }
  if (rule.recurrence != Recurrence::interval && rule.recurrence != Recurrence::cron) {
    faults.check_list("times", rule.times, kMaxTimes,
                      [](const std::string& time) { return std::string(parse_time(time) ? "" : "must be a time such as 06:30"); });
  }
  check_unused(rule, faults);
  if (rule.time_zone.empty())
    faults.add("time_zone", "required", "is required");
  else if (!Zone::load(rule.time_zone).ok())
    faults.add("time_zone", "unknown_zone", "is not a known time zone; choose one such as Europe/Copenhagen");
  return std::move(faults).result();
}

std::optional<Timestamp> next(const Rule& rule, const Zone& zone, Timestamp after, Timestamp anchor) {
  const auto found = next_n(rule, zone, after, anchor, 1);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::vector<Timestamp> next_n(const Rule& rule, const Zone& zone, Timestamp after, Timestamp anchor, std::size_t count) {
  std::vector<Timestamp> found;
  const auto calendar = Calendar::of(rule);
  const bool is_interval = rule.recurrence == Recurrence::interval;
  if (!calendar && !is_interval) return found;
  while (found.size() < count) {
    const auto at = is_interval ? next_interval(rule, after, anchor) : calendar->next(zone, after);
    if (!at) break;
    found.push_back(*at);
    after = *at;
  }
  return found;
}

std::optional<std::string> moved_from(const Rule& rule, const Zone& zone, Timestamp occurrence) {
  const auto calendar = Calendar::of(rule);
  if (!calendar || !calendar->moves()) return std::nullopt;
  const Instant at = std::chrono::floor<std::chrono::seconds>(occurrence);
  const auto change = zone.next_change(at - std::chrono::seconds(1));
  if (!change || change->at != at || !change->is_forward() || at != occurrence) return std::nullopt;
  // One that is named for this very time is not moved.
  if (!calendar->times_within(change->to(), change->to() + std::chrono::minutes(1)).empty()) return std::nullopt;
  for (const LocalTime time : calendar->times_within(change->from(), change->to())) {
    if (!skips_date(*change, time)) return time_text(time);
  }
  return std::nullopt;
}

}  // namespace sluice::schedules
