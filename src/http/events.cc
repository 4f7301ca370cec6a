#include "http/events.h"

#include <exception>
#include <vector>

#include "base/assert.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "http/events_state.h"
#include "http/io_thread.h"

namespace sluice::http {

namespace {

// For those who come back with Last-Event-ID, and for those whose socket is full.
constexpr std::uint64_t kKept = 1000;
constexpr std::uint64_t kMostBytesBehind = 4 << 20;
// More are held for listeners that keep up: a burst must not cut everybody who was not scheduled in between.
constexpr std::size_t kHeld = 4096;
constexpr std::uint64_t kMostBytesHeld = 16 << 20;
constexpr std::size_t kTakenAtOnce = 256;

bool may_see(const std::function<bool(const base::Actor&)>& visible, const base::Actor& actor) {
  if (!visible) return true;
  try {
    return visible(actor);
  } catch (const std::exception& e) {
    base::log::error("event.visible_threw", {{"what", e.what()}});
    return false;
  }
}

}  // namespace

EventHub::EventHub() : state_(std::make_unique<State>()) {}
EventHub::~EventHub() = default;

void EventHub::publish(std::string_view event, std::string_view json, std::function<bool(const base::Actor&)> visible) {
  state_->publish(event, json, std::move(visible));
}
std::size_t EventHub::listeners() const { return state_->listeners.load(); }

EventHub::State::State() : epoch(std::to_string(base::to_micros(base::system_now()))) {}

void EventHub::State::publish(std::string_view event, std::string_view json, std::function<bool(const base::Actor&)> visible) {
  BASE_ASSERT(event.find_first_of("\r\n") == std::string_view::npos);
  std::string rest = "\nevent: " + std::string(event) + "\n";
  for (const std::string_view line : base::split(json, '\n')) rest += "data: " + std::string(line) + "\n";
  rest += "\n";
  auto fresh = std::make_shared<Event>(Event{.visible = std::move(visible)});

  const std::lock_guard lock(mutex);
  fresh->number = last.number + 1;
  fresh->text = "id: " + epoch + "-" + std::to_string(fresh->number) + rest;
  last = {fresh->number, last.bytes + fresh->text.size()};
  events.push_back(std::move(fresh));
  while (events.size() > kHeld || last.bytes - dropped_bytes > kMostBytesHeld) {
    dropped_bytes += events.front()->text.size();
    events.pop_front();
  }
  for (const auto& [io, count] : threads) io->wake_listeners();
}

EventHub::State::Place EventHub::State::begin(std::optional<std::string_view> last_event_id, bool& missed) const {
  const std::lock_guard lock(mutex);
  missed = false;
  if (!last_event_id) return last;
  missed = true;
  const std::size_t dash = last_event_id->find('-');
  if (dash == std::string_view::npos || last_event_id->substr(0, dash) != epoch) return last;
  const auto seen = base::parse_int(last_event_id->substr(dash + 1));
  if (!seen || *seen < 0) return last;
  const auto number = static_cast<std::uint64_t>(*seen);
  if (number > last.number || last.number - number > kKept || last.number - number > events.size()) return last;
  missed = false;
  Place place = last;
  for (auto event = events.rbegin(); place.number > number; ++event) {
    place.bytes -= (*event)->text.size();
    --place.number;
  }
  return place;
}

bool EventHub::State::take(Place& place, const base::Actor& actor, std::size_t most, std::string& out) const {
  std::vector<std::shared_ptr<const Event>> fresh;
  {
    const std::lock_guard lock(mutex);
    const std::uint64_t behind = last.number - place.number;
    if (behind > events.size()) return false;
    std::size_t bytes = 0;
    for (std::size_t i = events.size() - static_cast<std::size_t>(behind); i < events.size(); ++i) {
      if (fresh.size() >= kTakenAtOnce || bytes >= most) break;
      bytes += events[i]->text.size();
      fresh.push_back(events[i]);
    }
  }
  for (const auto& event : fresh) {
    place = {event->number, place.bytes + event->text.size()};
    if (may_see(event->visible, actor)) out += event->text;
  }
  return true;
}

bool EventHub::State::is_last(const Place& place) const {
  const std::lock_guard lock(mutex);
  return place.number == last.number;
}

bool EventHub::State::is_too_slow(const Place& place) const {
  const std::lock_guard lock(mutex);
  return last.number - place.number > kKept || last.bytes - place.bytes > kMostBytesBehind;
}

std::string EventHub::State::reset_text(const Place& place) const {
  return "id: " + epoch + "-" + std::to_string(place.number) + "\nevent: reset\ndata: {}\n\n";
}

void EventHub::State::add_listener(IoThread& io) {
  const std::lock_guard lock(mutex);
  ++threads[&io];
  ++listeners;
}

void EventHub::State::remove_listener(IoThread& io) {
  const std::lock_guard lock(mutex);
  if (--threads[&io] == 0) threads.erase(&io);
  --listeners;
}

}  // namespace sluice::http
