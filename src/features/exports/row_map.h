// How a row of the Customer table becomes a row at a service: which columns, made canonical and hashed as the type says
// (EXP-34..37, EXP-41, EXP-42). What identifies a row there is its key in the ledger, so that a person who changed the e-mail
// address is a removal and an addition, and a row can be taken away when only the ledger still knows it. Private to this folder.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cell.h"
#include "base/json.h"
#include "base/result.h"
#include "data/normalise.h"
#include "drivers/driver.h"
#include "features/tables/table.h"
#include "manifest/connector.h"

namespace sluice::exports {

class RowMap {
 public:
  // Reason "export.column_missing" when the Customer table has lost a mapped column, "export.bad_mapping" when the type has
  // lost an attribute.
  static base::Result<RowMap> compile(const manifest::Connector& connector, const base::json::Object& settings,
                                      const base::json::Object& mapping, const std::vector<tables::Column>& customer);

  // Of the Customer table, one per attribute, in order: what to scan.
  const std::vector<std::size_t>& source() const { return source_; }
  const std::vector<std::string>& source_names() const { return source_names_; }
  const std::vector<drivers::RowColumn>& columns() const { return columns_; }
  // "email,first_name", for the ledger.
  std::string fields() const;
  // A sentence about a reason that RowMaker gave: "Email is empty".
  std::string explain(std::string_view reason) const;
  // The cells of a row of which only the key is known; the rest is null. Views into `key`.
  std::vector<base::Cell> cells_of_key(std::string_view key) const;

 private:
  friend class RowMaker;
  struct Attribute {
    std::string name;
    std::string title;
    bool required = false;  // or identifying: without it there is no row
    bool hashed = false;
    data::Normaliser::Rule rule = nullptr;
  };
  std::vector<Attribute> attributes_;
  std::vector<std::size_t> source_;
  std::vector<std::string> source_names_;
  std::vector<drivers::RowColumn> columns_;
  data::NormaliseOptions options_;
  bool already_hashed_ = false;
  std::string prefix_;  // of every payload: what a row means, beside its values
};

// Makes rows, one at a time. One thread; outlived by its map.
class RowMaker {
 public:
  explicit RowMaker(const RowMap& map);

  struct Made {
    std::string_view key;  // until the next call, as the rest
    std::span<const base::Cell> cells;
    std::string_view payload;  // bytes that differ when anything that is sent differs
    std::string_view fault;    // why the row cannot be sent: "email.missing", "phone.no_country"; empty: it can
  };
  const Made& make(std::span<const base::Cell> source);
  // Reasons of optional values that were left out so far, with how many.
  const std::vector<std::pair<std::string, std::int64_t>>& left_out() const { return left_out_; }

 private:
  // Fills cell `i`; gives what is wrong, or nothing.
  std::string_view make_cell(std::size_t i, const base::Cell& source);
  void note_left_out(std::size_t i, std::string_view fault);

  const RowMap& map_;
  data::Hasher hasher_;
  std::vector<std::string> scratch_;
  std::vector<std::array<char, 64>> digests_;
  std::vector<base::Cell> cells_;
  std::string key_;
  std::string payload_;
  std::string fault_;
  std::vector<std::pair<std::string, std::int64_t>> left_out_;
  Made made_;
};

}  // namespace sluice::exports
