#include "features/exports/row_map.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "features/ledger/ledger.h"

namespace sluice::exports {

namespace {

using base::Cell;
using base::Error;
using base::Result;
using base::json::Object;

constexpr char kKeySeparator = '\x1F';

// The attributes that say who a row is (connector.h: Mapping).
std::vector<std::string> identifying(const manifest::Connector& connector, const Object& settings) {
  if (connector.mapping.free) return {std::string(settings.get("identifier").text())};
  const std::string_view chosen = settings.get("key_identifier").text();
  for (const manifest::KeyIdentifier& one : connector.mapping.key_identifiers) {
    if (one.value == chosen) return one.attributes;
  }
  return connector.mapping.identifier;
}

const manifest::Attribute* find_attribute(const manifest::Connector& connector, std::string_view name) {
  for (const manifest::Attribute& attribute : connector.mapping.attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

}  // namespace

Result<RowMap> RowMap::compile(const manifest::Connector& connector, const Object& settings, const Object& mapping,
                               const std::vector<tables::Column>& customer) {
  RowMap map;
  map.options_.default_country = std::string(settings.get("default_country").text());
  const bool* already_hashed = settings.get("already_hashed").as_bool();
  map.already_hashed_ = already_hashed != nullptr && *already_hashed;
  const std::vector<std::string> identifiers = identifying(connector, settings);
  for (const auto& [name, column] : mapping) {
    const auto known = std::find_if(customer.begin(), customer.end(), [&, c = column.text()](const auto& one) { return one.name == c; });
    if (known == customer.end())
      return Error{.code = base::Code::conflict,
                   .reason = "export.column_missing",
                   .detail = "The Customer table has no column " + std::string(column.text()) +
                             " any more, which this export maps. Edit the export and choose another one."};
    const bool identifies = std::find(identifiers.begin(), identifiers.end(), name) != identifiers.end();
    Attribute attribute{.name = name, .title = name, .required = identifies};
    drivers::RowColumn row_column{.name = name, .as = name, .type = known->type, .identifies = identifies};
    if (!connector.mapping.free) {
      const manifest::Attribute* found = find_attribute(connector, name);
      if (found == nullptr)
        return Error{.code = base::Code::conflict,
                     .reason = "export.bad_mapping",
                     .detail = "The type " + connector.title + " has no attribute " + name + " any more. Edit the export."};
      attribute.title = found->title;
      attribute.required = identifies || found->required;
      attribute.hashed = found->hashed;
      attribute.rule = found->normalise.empty() ? nullptr : data::Normaliser::find(found->normalise);
      row_column.as = found->as.empty() ? name : found->as;
      if (attribute.rule != nullptr || attribute.hashed) row_column.type = base::ColumnType::text;
    }
    map.source_.push_back(static_cast<std::size_t>(known - customer.begin()));
    map.source_names_.push_back(known->name);
    map.attributes_.push_back(std::move(attribute));
    map.columns_.push_back(std::move(row_column));
  }
  if (std::none_of(map.columns_.begin(), map.columns_.end(), [](const drivers::RowColumn& c) { return c.identifies; }))
    return Error{.code = base::Code::conflict,
                 .reason = "export.bad_mapping",
                 .detail = "Nothing in the mapping says who a row is. Edit the export."};
  // Another list at the service, or another meaning of a value, makes every row a new one.
  const std::string meaning = map.fields() + '\n' + base::json::write(base::json::Value(settings));
  map.prefix_.resize(64);
  data::Hasher().sha256_hex(meaning, map.prefix_.data());
  return map;
}

std::string RowMap::fields() const {
  std::string fields;
  for (const Attribute& attribute : attributes_) {
    if (!fields.empty()) fields += ',';
    fields += attribute.name;
  }
  return fields;
}

std::string RowMap::explain(std::string_view reason) const {
  const std::size_t dot = reason.rfind('.');
  const std::string_view name = reason.substr(0, dot);
  const std::string_view what = dot == std::string_view::npos ? std::string_view() : reason.substr(dot + 1);
  std::string title(name);
  for (const Attribute& attribute : attributes_) {
    if (attribute.name == name) title = attribute.title;
  }
  if (what == "missing") return title + " is empty.";
  if (what == "no_country") return title + " has no country code, and the export names no default country.";
  if (what == "already_hashed") return title + " is a SHA-256 already, and the export says that it is not.";
  if (what == "not_hashed") return title + " is not a SHA-256, and the export says that it is.";
  if (what == "too_long") return title + " is too long to identify a row.";
  if (reason == "duplicate") return "Another row has the same identifier; it is sent once.";
  return title + " is not valid.";
}

std::vector<Cell> RowMap::cells_of_key(std::string_view key) const {
  std::vector<Cell> cells(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!columns_[i].identifies) continue;
    const std::size_t end = std::min(key.find(kKeySeparator), key.size());
    cells[i] = Cell::of(key.substr(0, end));
    key.remove_prefix(std::min(end + 1, key.size()));
  }
  return cells;
}

RowMaker::RowMaker(const RowMap& map)
    : map_(map), scratch_(map.columns_.size()), digests_(map.columns_.size()), cells_(map.columns_.size()) {}

std::string_view RowMaker::make_cell(std::size_t i, const Cell& source) {
  const RowMap::Attribute& attribute = map_.attributes_[i];
  Cell& cell = cells_[i];
  cell = Cell{};
  if (source.null || base::trim(source.text()).empty()) return attribute.required ? "missing" : "";
  if (attribute.hashed && map_.already_hashed_) {
    const std::string_view value = base::trim(source.text());
    if (!data::looks_hashed(value)) return "not_hashed";
    scratch_[i] = base::ascii_lower(value);
    cell = Cell::of(scratch_[i]);
    return {};
  }
  if (attribute.hashed && data::looks_hashed(base::trim(source.text()))) return "already_hashed";
  std::string_view text = source.text();
  if (attribute.rule != nullptr) {
    const data::Normalised normalised = attribute.rule(text, map_.options_, scratch_[i]);
    if (!normalised.fault.empty()) {
      const std::size_t dot = normalised.fault.rfind('.');
      return dot == std::string_view::npos ? normalised.fault : normalised.fault.substr(dot + 1);
    }
    if (normalised.text.empty()) return attribute.required ? "missing" : "";
    text = normalised.text;
  }
  if (attribute.hashed) {
    hasher_.sha256_hex(text, digests_[i].data());
    text = {digests_[i].data(), digests_[i].size()};
  }
  cell = Cell::of(text);
  return {};
}

void RowMaker::note_left_out(std::size_t i, std::string_view fault) {
  std::string reason = map_.attributes_[i].name + "." + std::string(fault);
  const auto known = std::find_if(left_out_.begin(), left_out_.end(), [&](const auto& one) { return one.first == reason; });
  if (known == left_out_.end())
    left_out_.emplace_back(std::move(reason), 1);
  else
    ++known->second;
}

const RowMaker::Made& RowMaker::make(std::span<const Cell> source) {
  made_ = Made{};
  key_.clear();
  payload_ = map_.prefix_;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const RowMap::Attribute& attribute = map_.attributes_[i];
    const std::string_view fault = make_cell(i, source[i]);
    if (!fault.empty()) {
      // Hashed twice, a value is somebody nobody knows; that is a mistake in the set-up and not of this row (C-082).
      if (attribute.required || fault == "already_hashed" || fault == "not_hashed") {
        fault_ = attribute.name + "." + std::string(fault);
        made_.fault = fault_;
        return made_;
      }
      note_left_out(i, fault);
    }
    const Cell& cell = cells_[i];
    const std::uint32_t size = cell.null ? UINT32_MAX : cell.size;
    payload_.append(reinterpret_cast<const char*>(&size), sizeof size);
    if (!cell.null) payload_.append(cell.text());
    if (!map_.columns_[i].identifies) continue;
    if (!key_.empty()) key_ += kKeySeparator;
    key_.append(cell.text());
    if (key_.size() > ledger::kLongestKey) {
      fault_ = attribute.name + ".too_long";
      made_.fault = fault_;
      return made_;
    }
  }
  made_.key = key_;
  made_.cells = cells_;
  made_.payload = payload_;
  return made_;
}

}  // namespace sluice::exports
