#include "http/events.h"

namespace sluice::http {

struct EventHub::State {};

EventHub::EventHub() : state_(std::make_unique<State>()) {}
EventHub::~EventHub() = default;
void EventHub::publish(std::string_view, std::string_view, std::function<bool(const base::Actor&)>) {}
std::size_t EventHub::listeners() const { return 0; }

}  // namespace sluice::http
