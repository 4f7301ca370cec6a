#include "data/column_stats.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace sluice::data {

namespace {

constexpr std::size_t kExamples = 5;
constexpr std::size_t kExampleCharacters = 100;
constexpr std::size_t kLongestKey = 200;

// Good enough to tell values apart; nobody can gain by making them collide.
std::uint64_t hash_of(std::string_view text) {
  constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15U;
  std::uint64_t hash = text.size() * kFactor;
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * kFactor;
    hash ^= hash >> 29;
  };
  while (text.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    mix(word);
    text.remove_prefix(8);
  }
  std::uint64_t word = 0;
  std::memcpy(&word, text.data(), text.size());
  mix(word);
  mix(word >> 7);
  return hash == 0 ? 1 : hash;
}

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

}  // namespace

bool HashSet::add(std::uint64_t hash) {
  if ((size_ + 1) * 4 > slots_.size() * 3) grow();
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = (hash * 0xD6E8FEB86659FD93U) >> 20;; ++at) {
    std::uint64_t& slot = slots_[at & mask];
    if (slot == hash) return false;
    if (slot != 0) continue;
    slot = hash;
    ++size_;
    return true;
  }
}

void HashSet::grow() {
  std::vector<std::uint64_t> old(std::max<std::size_t>(64, slots_.size() * 2));
  old.swap(slots_);
  size_ = 0;
  for (const std::uint64_t hash : old) {
    if (hash != 0) add(hash);
  }
}

void HashSet::clear() {
  slots_ = {};
  size_ = 0;
}

void ColumnStats::add(const base::Cell& cell, std::uint64_t line, std::size_t& budget) {
  if (cell.size == 0) {
    ++empties_;
    return;
  }
  ++values_;
  const std::string_view text = cell.text();
  const auto look = static_cast<std::size_t>(values::look_of(text));
  if (looks_[look]++ == 0) {
    first_line_[look] = line;
    first_value_[look] = values::shorten(text, 40);
  }
  if (examples_.size() < kExamples) {
    std::string example = values::shorten(text, kExampleCharacters);
    if (std::find(examples_.begin(), examples_.end(), example) == examples_.end()) examples_.push_back(std::move(example));
  }
  if (!unique_ || budget == 0) return;
  if (empties_ != 0 || text.size() > kLongestKey || !seen_.add(hash_of(text))) {
    unique_ = false;
    budget += seen_.size();
    seen_.clear();
    return;
  }
  --budget;
}

base::ColumnType ColumnStats::type() const {
  using base::ColumnType;
  if (values_ == 0) return ColumnType::text;
  if (count(values::Look::integer) == values_) return ColumnType::integer;
  if (numbers() == values_) return ColumnType::decimal;
  if (count(values::Look::boolean) == values_) return ColumnType::boolean;
  if (count(values::Look::date) == values_) return ColumnType::date;
  return times() == values_ ? ColumnType::timestamp : ColumnType::text;
}

DetectedColumn ColumnStats::result(std::string name) const {
  const base::ColumnType found = type();
  const bool key_type = found == base::ColumnType::text || found == base::ColumnType::integer;
  return {.name = std::move(name),
          .type = found,
          .nullable = empties_ != 0,
          .empty_count = empties_,
          .key_candidate = unique_ && empties_ == 0 && values_ != 0 && key_type,
          .examples = examples_};
}

// Nearly all values are of one kind: whoever expects that should know what is in the way.
std::optional<std::string> ColumnStats::spoiled(const std::string& name, std::int64_t typed, std::string_view kind) const {
  if (typed == values_ || values_ < 10 || typed * 10 < values_ * 9) return std::nullopt;
  const std::size_t text = static_cast<std::size_t>(values::Look::text);
  std::string sentence = "Column " + name + " holds " + std::string(kind) + " in " + grouped(typed) + " of " + grouped(values_) + " values";
  if (looks_[text] != 0)
    sentence += "; \"" + first_value_[text] + "\" in line " + std::to_string(first_line_[text]) + " and others like it";
  return sentence + ", so it is kept as text.";
}

std::optional<std::string> ColumnStats::warning(const std::string& name) const {
  using values::Look;
  if (values_ == 0) return std::nullopt;
  const auto example = [this](Look look) { return " (" + first_value_[static_cast<std::size_t>(look)] + ")"; };
  const auto only = [this](Look look, std::int64_t others) { return count(look) != 0 && count(look) + others == values_; };
  if (type() == base::ColumnType::timestamp && count(Look::local_time) != 0) {
    return "Column " + name + " has times without a zone" + example(Look::local_time) + "; they are taken as UTC.";
  }
  if (type() != base::ColumnType::text) return std::nullopt;
  if (only(Look::leading_zero, numbers())) {
    return "Column " + name + " looks like numbers but has leading zeros" + example(Look::leading_zero) + ", so it is kept as text.";
  }
  if (only(Look::plus_sign, numbers() + count(Look::leading_zero))) {
    return "Column " + name + " looks like numbers but has plus signs" + example(Look::plus_sign) + ", so it is kept as text.";
  }
  if (only(Look::exponent, numbers())) {
    return "Column " + name + " has numbers with exponents" + example(Look::exponent) + ", so it is kept as text.";
  }
  if (only(Look::comma_number, numbers() + count(Look::leading_zero))) {
    return "Column " + name + " has numbers with a comma" + example(Look::comma_number) + ", so it is kept as text; a decimal has a point.";
  }
  if (only(Look::other_date, count(Look::date))) {
    return "Column " + name + " looks like dates" + example(Look::other_date) +
           " but they are not written as 2026-01-02, so it is kept as text.";
  }
  if (count(Look::date) != 0 && count(Look::date) + times() == values_) {
    return "Column " + name + " has dates and times mixed, so it is kept as text.";
  }
  if (auto sentence = spoiled(name, numbers(), "numbers")) return sentence;
  if (auto sentence = spoiled(name, count(Look::date), "dates")) return sentence;
  if (auto sentence = spoiled(name, times(), "times")) return sentence;
  return spoiled(name, count(Look::boolean), "true or false");
}

}  // namespace sluice::data
