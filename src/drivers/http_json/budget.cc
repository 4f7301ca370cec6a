#include "drivers/http_json/budget.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>

#include "base/text.h"

namespace sluice::drivers::http_json {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr auto kKept = std::chrono::minutes(10);  // a budget that nobody uses and that holds nobody
constexpr milliseconds kMostWait = std::chrono::hours(48);

std::optional<double> number_of(std::optional<std::string_view> text) {
  if (!text || text->empty() || text->size() > 20) return std::nullopt;
  double value = 0, scale = 1;
  bool behind_point = false;
  for (const char c : *text) {
    if (c == '.' && !behind_point) {
      behind_point = true;
    } else if (c >= '0' && c <= '9') {
      value = value * 10 + (c - '0');
      if (behind_point) scale *= 10;
    } else {
      return std::nullopt;
    }
  }
  return value / scale;
}

std::optional<milliseconds> until_date(std::string_view text, base::Timestamp wall) {
  std::tm parts{};
  const std::string copy(text);
  const char* end = strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return duration_cast<milliseconds>(std::chrono::seconds(timegm(&parts)) - wall.time_since_epoch());
}

milliseconds bounded(milliseconds wait) { return std::clamp(wait, milliseconds(0), kMostWait); }

// Services give the end of the window as seconds from now, or as seconds or milliseconds since 1970.
milliseconds until_reset(double value, base::Timestamp wall) {
  const auto now = static_cast<double>(duration_cast<milliseconds>(wall.time_since_epoch()).count());
  double wait = value * 1000;
  if (value > 1e12) {
    wait = value - now;
  } else if (value > 1e9) {
    wait = value * 1000 - now;
  }
  return bounded(milliseconds(static_cast<std::int64_t>(std::clamp(wait, 0.0, 1e12))));
}

struct Window {
  std::optional<std::int64_t> left;
  std::optional<milliseconds> reset;
};

Window window_of(const net::HttpAnswer& answer, base::Timestamp wall) {
  Window out;
  for (const char* name : {"x-ratelimit-remaining", "ratelimit-remaining"}) {
    if (const auto left = number_of(answer.header(name))) out.left = static_cast<std::int64_t>(*left);
  }
  for (const char* name : {"x-ratelimit-reset", "ratelimit-reset"}) {
    const auto text = answer.header(name);
    if (const auto reset = number_of(text)) out.reset = until_reset(*reset, wall);
    if (const auto at = base::parse_rfc3339(text.value_or(""))) out.reset = bounded(duration_cast<milliseconds>(*at - wall));
  }
  if (const auto left = number_of(answer.header("x-hubspot-ratelimit-remaining"))) {
    out.left = static_cast<std::int64_t>(*left);
    const auto interval = number_of(answer.header("x-hubspot-ratelimit-interval-milliseconds"));
    out.reset = milliseconds(static_cast<std::int64_t>(std::min(interval.value_or(10'000), 1e9)));
  }
  return out;
}

}  // namespace

std::optional<milliseconds> wait_of(const net::HttpAnswer& answer, base::Timestamp wall) {
  if (const auto text = answer.header("retry-after")) {
    if (const auto seconds = number_of(text)) return bounded(milliseconds(static_cast<std::int64_t>(std::min(*seconds, 1e9) * 1000)));
    if (const auto wait = until_date(*text, wall)) return bounded(*wait);
  }
  const Window window = window_of(answer, wall);
  if (window.left.value_or(0) <= 0) return window.reset;
  return std::nullopt;
}

std::shared_ptr<Budget> Budget::of(const std::string& connection_id) {
  if (connection_id.empty()) return std::make_shared<Budget>();
  static std::mutex mutex;  // guards all
  static std::map<std::string, std::shared_ptr<Budget>> all;
  const std::lock_guard lock(mutex);
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(all, [&](const auto& entry) {
    if (entry.second.use_count() > 1 || entry.first == connection_id) return false;
    const std::lock_guard inner(entry.second->mutex_);
    return entry.second->held_until_ < now && entry.second->window_ends_ < now && entry.second->filled_ + kKept < now;
  });
  auto& budget = all[connection_id];
  if (budget == nullptr) budget = std::make_shared<Budget>();
  return budget;
}

void Budget::join() {
  const std::lock_guard lock(mutex_);
  ++sessions_;
}

void Budget::leave() {
  const std::lock_guard lock(mutex_);
  --sessions_;
}

Budget::Permit Budget::begin(Instant now, double per_second, int parallel, int mine) {
  const std::lock_guard lock(mutex_);
  if (now < held_until_) return {Why::rate, held_until_};
  if (left_ && now >= window_ends_) left_.reset();
  if (left_ && *left_ <= 0) return {Why::rate, window_ends_};
  const int share = std::max(1, (parallel + sessions_ - 1) / std::max(1, sessions_));
  if (in_flight_ >= parallel || mine >= share) return {Why::busy, {}};
  if (per_second > 0) {
    // At most a second's worth at once, and one more whenever its time has come.
    const double most = std::max(1.0, per_second);
    const double since = std::chrono::duration<double>(now - filled_).count();
    tokens_ = filled_ == Instant{} ? most : std::min(most, tokens_ + since * per_second);
    filled_ = now;
    if (tokens_ < 1)
      return {Why::rate, now + duration_cast<milliseconds>(std::chrono::duration<double>((1 - tokens_) / per_second)) + milliseconds(1)};
    tokens_ -= 1;
  }
  filled_ = now;
  if (left_) --*left_;
  ++in_flight_;
  return {};
}

void Budget::finish() {
  const std::lock_guard lock(mutex_);
  --in_flight_;
}

void Budget::note(const net::HttpAnswer& answer, Instant now, base::Timestamp wall) {
  const Window window = window_of(answer, wall);
  if (!window.left || !window.reset) return;
  const std::lock_guard lock(mutex_);
  // Calls in flight may not be counted yet by the service: they are taken off, to be on the safe side.
  left_ = *window.left - in_flight_;
  window_ends_ = now + *window.reset;
}

void Budget::hold(Instant until) {
  const std::lock_guard lock(mutex_);
  held_until_ = std::max(held_until_, until);
}

Instant Budget::held_until() const {
  const std::lock_guard lock(mutex_);
  return held_until_;
}

}  // namespace sluice::drivers::http_json
