// Inside of the EventHub. Publishing appends to one list and wakes the io threads that have listeners; each listener has a
// place in the list and takes what is new when its socket has room. So a publisher never waits for a listener, and a listener
// costs no queue of its own. Private to this folder.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "http/events.h"

namespace sluice::http {

class IoThread;

struct EventHub::State {
  struct Event {
    std::uint64_t number = 0;
    std::string text;  // as it goes over the wire
    std::function<bool(const base::Actor&)> visible;
  };
  // How far a listener is: the last event it has passed, and all bytes published up to there.
  struct Place {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
  };

  State();

  void publish(std::string_view event, std::string_view json, std::function<bool(const base::Actor&)> visible);
  // Where a listener begins. `missed`: it has seen events once that are no longer kept, or of an earlier process.
  Place begin(std::optional<std::string_view> last_event_id, bool& missed) const;
  // Appends what comes after `place` and `actor` may see, moves the place, and stops at about `most` bytes. False: the
  // listener fell off the end of the list.
  bool take(Place& place, const base::Actor& actor, std::size_t most, std::string& out) const;
  bool is_last(const Place& place) const;
  // Whether a listener whose socket has been full since `place` is to be cut.
  bool is_too_slow(const Place& place) const;
  // An event that only this listener gets, to tell it that it must read everything again.
  std::string reset_text(const Place& place) const;

  void add_listener(IoThread& io);
  void remove_listener(IoThread& io);

  mutable std::mutex mutex;  // guards everything below but `listeners`
  std::deque<std::shared_ptr<const Event>> events;
  Place last;
  std::uint64_t dropped_bytes = 0;
  std::map<IoThread*, std::size_t> threads;
  std::string epoch;  // ids of another process must not look like ours; set once
  std::atomic<std::size_t> listeners{0};
};

}  // namespace sluice::http
