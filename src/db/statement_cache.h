// A bounded map from SQL text to a prepared statement; the longest unused one makes room. A statement is taken out while it
// runs, so the same text may be run again from inside its own row callback. One thread at a time.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace sluice::db {

template <class Statement>
class StatementCache {
 public:
  explicit StatementCache(std::size_t limit) : limit_(limit) {}

  std::optional<Statement> take(std::string_view key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return std::nullopt;
    const auto at = found->second;
    index_.erase(found);
    std::optional<Statement> statement(std::move(at->second));
    spare_.splice(spare_.begin(), entries_, at);  // keeps the key's memory for put()
    return statement;
  }

  // Gives back the statement that had to go, if any.
  std::optional<Statement> put(std::string_view key, Statement statement) {
    std::optional<Statement> gone = take(key);
    if (spare_.empty()) spare_.emplace_front();
    const auto at = spare_.begin();
    at->first.assign(key);
    at->second = std::move(statement);
    entries_.splice(entries_.begin(), spare_, at);
    spare_.clear();
    index_.emplace(at->first, at);
    if (index_.size() > limit_) {
      gone = std::move(entries_.back().second);
      index_.erase(entries_.back().first);
      entries_.pop_back();
    }
    return gone;
  }

  std::optional<Statement> take_any() {
    if (entries_.empty()) return std::nullopt;
    return take(entries_.front().first);
  }

  std::size_t size() const { return index_.size(); }

 private:
  using Entry = std::pair<std::string, Statement>;
  std::size_t limit_;
  std::list<Entry> entries_;  // last used first
  std::list<Entry> spare_;
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator> index_;  // keys point into entries_
};

}  // namespace sluice::db
