#include "features/exports/history.h"

#include <algorithm>
#include <chrono>
#include <map>

namespace sluice::exports {

namespace {

constexpr std::size_t kMostOwing = 20;

}  // namespace

Deliveries::Deliveries(runs::Runs& runs, const std::string& export_id)
    : runs_(runs),
      earlier_(
          runs.list(base::Actor::system(), {.subject_id = export_id, .kind = {}, .state = {}, .sort = {}, .cursor = {}, .limit = 100})) {}

std::string Deliveries::minute_suffix(const runs::Run& run, base::Timestamp started_at) const {
  if (!earlier_.ok()) return "_" + run.id.str().substr(24);
  const auto minute = std::chrono::floor<std::chrono::minutes>(started_at);
  const auto count = std::count_if(earlier_->items.begin(), earlier_->items.end(), [&](const runs::Run& other) {
    return other.id != run.id && other.started_at && std::chrono::floor<std::chrono::minutes>(*other.started_at) == minute;
  });
  return count == 0 ? "" : "_" + std::to_string(count + 1);
}

std::vector<runs::Run> Deliveries::owing(const runs::Run& run) const {
  std::vector<runs::Run> owing;
  if (!earlier_.ok()) return owing;
  for (std::size_t i = 0; i < std::min(kMostOwing, earlier_->items.size()); ++i) {
    const runs::Run& one = earlier_->items[i];
    if (runs::is_delivery(one.state)) break;
    if (one.id == run.id || !one.connection || !run.connection || one.connection->id != run.connection->id) continue;
    auto whole = runs_.load(base::Actor::system(), one.id);  // lists leave the files out
    if (whole.ok() && !whole->files.empty()) owing.push_back(*std::move(whole));
  }
  return owing;
}

std::vector<rules::GuardedTable> Deliveries::compared(const std::string& connection_id,
                                                      const std::vector<std::pair<std::string, std::int64_t>>& rows) const {
  std::map<std::string, std::int64_t> delivered;
  const std::size_t known_runs = earlier_.ok() ? earlier_->items.size() : 0;
  for (std::size_t i = 0; i < known_runs; ++i) {
    const runs::Run& run = earlier_->items[i];
    if (!runs::is_delivery(run.state) || !run.connection || run.connection->id != connection_id) continue;
    for (const runs::TableResult& table : run.tables) {
      if (runs::is_delivery(table.state)) delivered.emplace(table.name, table.rows_sent);  // the newest of each
    }
  }
  std::vector<rules::GuardedTable> tables;
  for (const auto& [name, count] : rows) {
    const auto known = delivered.find(name);
    tables.push_back({name, count, known == delivered.end() ? std::nullopt : std::optional(known->second)});
  }
  return tables;
}

}  // namespace sluice::exports
