// Numbers that a monitoring system collects, in the Prometheus text format: counters and histograms that code adds to while
// it works, and a writer for them and for values that are only looked up when asked for.
//
// Labels are bounded: kinds, states, types, route patterns, never ids or names that people give. A family has kMostSeries
// series at the most; what would be one more is counted under the label values "other".
// Any thread. Adding takes no lock but a shared one to find the series.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::base::metrics {

inline constexpr std::size_t kMostSeries = 1000;

class Counter {
 public:
  void add(std::uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// How often what was observed was at most each of the bounds, in seconds.
class Histogram {
 public:
  static constexpr std::size_t kMostBounds = 16;
  explicit Histogram(std::span<const double> bounds);
  void observe(double seconds);

  struct Reading {
    std::vector<std::pair<double, std::uint64_t>> buckets;  // bound, how many at most that
    std::uint64_t count = 0;
    double sum = 0;
  };
  Reading read() const;

 private:
  std::span<const double> bounds_;
  std::array<std::atomic<std::uint64_t>, kMostBounds + 1> counts_{};
  std::atomic<std::uint64_t> micros_{0};
};

using Values = std::vector<std::string>;

// One metric with its series by label values.
template <class Series>
class Family {
 public:
  // `made_of`: what each series is constructed with.
  template <class... A>
  Family(std::vector<std::string> labels, A... made_of) : labels_(std::move(labels)) {
    make_ = [=] { return std::make_unique<Series>(made_of...); };
  }

  Series& at(const Values& values) {
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = series_.find(values); found != series_.end()) return *found->second;
    }
    const std::unique_lock lock(mutex_);
    std::unique_ptr<Series>& one =
        series_[series_.size() < kMostSeries || series_.contains(values) ? values : Values(labels_.size(), "other")];
    if (one == nullptr) one = make_();
    return *one;
  }
  template <class Visit>
  void each(const Visit& visit) const {
    const std::shared_lock lock(mutex_);
    for (const auto& [values, series] : series_) visit(values, *series);
  }
  const std::vector<std::string>& labels() const { return labels_; }

 private:
  std::vector<std::string> labels_;
  std::function<std::unique_ptr<Series>()> make_;
  mutable std::shared_mutex mutex_;
  std::map<Values, std::unique_ptr<Series>> series_;
};
using Counters = Family<Counter>;
using Histograms = Family<Histogram>;

// Builds the text of one collection.
class Writer {
 public:
  // Once for each metric, before its values. `type`: counter, gauge, histogram.
  void describe(std::string_view name, std::string_view type, std::string_view help);
  void value(std::string_view name, std::span<const std::string> labels, const Values& values, double value);
  void gauge(std::string_view name, std::string_view help, double value);
  void counter(std::string_view name, std::string_view help, double value);
  void counters(std::string_view name, std::string_view help, const Counters& family);
  void histograms(std::string_view name, std::string_view help, const Histograms& family);
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace sluice::base::metrics
