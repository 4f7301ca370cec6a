// What the ${name}s of a manifest stand for. Fields of the connection and the export, and what is fixed for a session, are known
// when a text is compiled; the rest comes with the moment.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "drivers/driver.h"
#include "manifest/connector.h"

namespace sluice::drivers::http_json {

// What is known only when a call is made. Views are the caller's.
struct Moment {
  std::string_view rows;  // rows that were rendered already, joined
  std::string_view audience_id, batch_id, job_id, token;
  const RowBlock* block = nullptr;  // the row, where there is one
  std::size_t row = 0;
  std::string_view id;  // what an earlier step found for it
};

enum class Source : std::uint8_t { constant, column, rows, attributes, values, id, audience_id, batch_id, job_id, token, now };

struct Meaning {
  Source source = Source::constant;
  base::json::Value constant;
  manifest::FieldType type = manifest::FieldType::string;  // of the field that the constant comes from
  std::size_t column = 0;
};

class Names {
 public:
  // `plan` is null where there is no export, as when a connection is verified. Both must outlive this.
  Names(const Target& target, const RowsPlan* plan, std::string_view operation);

  // An unknown name is the empty constant: manifests are checked when they are read.
  Meaning find(std::string_view name) const;
  const std::vector<RowColumn>& columns() const;

 private:
  const Target& target_;
  const RowsPlan* plan_;
  std::string operation_;
};

// The attribute's place among the cells, by its name or its name on the wire; -1 when it is not mapped.
std::ptrdiff_t column_of(std::span<const RowColumn> columns, std::string_view attribute);

// As it stands within a longer text; lists and objects as JSON.
std::string text_of(const base::json::Value& value);

}  // namespace sluice::drivers::http_json
