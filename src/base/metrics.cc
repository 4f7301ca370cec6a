#include "base/metrics.h"

#include <algorithm>
#include <charconv>

#include "base/assert.h"

namespace sluice::base::metrics {

namespace {

std::string number(double value) {
  std::array<char, 40> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

// Help texts and label values: \ and line ends, in values " too.
std::string escaped(std::string_view text, bool is_value) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && is_value)
      out += "\\\"";
    else
      out += c;
  }
  return out;
}

}  // namespace

Histogram::Histogram(std::span<const double> bounds) : bounds_(bounds) { BASE_ASSERT(bounds.size() <= kMostBounds); }

void Histogram::observe(double seconds) {
  const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), seconds);
  counts_[static_cast<std::size_t>(at - bounds_.begin())].fetch_add(1, std::memory_order_relaxed);
  micros_.fetch_add(static_cast<std::uint64_t>(std::max(seconds, 0.0) * 1e6), std::memory_order_relaxed);
}

Histogram::Reading Histogram::read() const {
  Reading reading;
  for (std::size_t i = 0; i < bounds_.size(); ++i) {
    reading.count += counts_[i].load(std::memory_order_relaxed);
    reading.buckets.emplace_back(bounds_[i], reading.count);
  }
  reading.count += counts_[bounds_.size()].load(std::memory_order_relaxed);
  reading.sum = static_cast<double>(micros_.load(std::memory_order_relaxed)) / 1e6;
  return reading;
}

void Writer::describe(std::string_view name, std::string_view type, std::string_view help) {
  text_ += "# HELP " + std::string(name) + " " + escaped(help, false) + "\n# TYPE " + std::string(name) + " " + std::string(type) + "\n";
}

void Writer::value(std::string_view name, std::span<const std::string> labels, const Values& values, double value) {
  BASE_ASSERT(labels.size() == values.size());
  text_ += name;
  for (std::size_t i = 0; i < labels.size(); ++i) text_ += (i == 0 ? "{" : ",") + labels[i] + "=\"" + escaped(values[i], true) + "\"";
  text_ += (labels.empty() ? " " : "} ") + number(value) + "\n";
}

void Writer::gauge(std::string_view name, std::string_view help, double value) {
  describe(name, "gauge", help);
  this->value(name, {}, {}, value);
}

void Writer::counter(std::string_view name, std::string_view help, double value) {
  describe(name, "counter", help);
  this->value(name, {}, {}, value);
}

void Writer::counters(std::string_view name, std::string_view help, const Counters& family) {
  describe(name, "counter", help);
  family.each(
      [&](const Values& values, const Counter& counter) { value(name, family.labels(), values, static_cast<double>(counter.value())); });
}

void Writer::histograms(std::string_view name, std::string_view help, const Histograms& family) {
  describe(name, "histogram", help);
  std::vector<std::string> with_bound = family.labels();
  with_bound.emplace_back("le");
  const std::string stem(name);
  family.each([&](Values values, const Histogram& histogram) {
    const Histogram::Reading reading = histogram.read();
    for (const auto& [bound, count] : reading.buckets) {
      values.push_back(number(bound));
      value(stem + "_bucket", with_bound, values, static_cast<double>(count));
      values.pop_back();
    }
    values.emplace_back("+Inf");
    value(stem + "_bucket", with_bound, values, static_cast<double>(reading.count));
    values.pop_back();
    value(stem + "_sum", family.labels(), values, reading.sum);
    value(stem + "_count", family.labels(), values, static_cast<double>(reading.count));
  });
}

}  // namespace sluice::base::metrics
