// model.json: the description of a Common Data Model folder: which tables (entities), which columns with which types, in
// which files (partitions). Read on import (DAT-26), written beside an export (EXP-50, EXP-83). Only the text is dealt with
// here; who fetches the files decides what a location may be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cell.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

namespace sluice::data {

struct CdmAttribute {
  std::string name;
  std::string data_type;                           // as written: "int64", "dateTime"
  base::ColumnType type = base::ColumnType::text;  // what it is to us
};

struct CdmPartition {
  std::string name;
  std::string location;      // a path below model.json's folder ('/' separates), or an absolute URL
  bool absolute = false;     // location is a URL
  std::string refresh_time;  // as written, may be empty
  char delimiter = ',';
  bool has_header = false;         // model.json says false when it says nothing
  std::string encoding = "UTF-8";  // as written
};

struct CdmAnnotation {
  std::string name;
  std::string value;  // JSON text when it is not a string
};

struct CdmEntity {
  std::string name;
  std::string description;
  std::string kind;                           // "LocalEntity", "ReferenceEntity"
  std::optional<std::string> not_importable;  // a sentence: why
  std::vector<CdmAttribute> attributes;
  std::vector<CdmPartition> partitions;
  std::vector<CdmAnnotation> annotations;
};

struct CdmModel {
  std::string name;
  std::string application;
  std::string version;
  std::string culture;  // "en-US"; empty when not said
  std::string modified_time;
  std::vector<CdmEntity> entities;
  std::vector<CdmAnnotation> annotations;

  // nullptr when there is none.
  const CdmEntity* find(std::string_view entity) const;
};

// Errors: invalid "model_json.invalid"; `fields` has a JSON pointer for each of the first 20 faults, `detail` tells the
// first. A location that leaves the folder ("../x", "/x") is a fault.
base::Result<CdmModel> parse_model_json(std::string_view text);

// int64 → integer, decimal and double → decimal, boolean, date, dateTime and dateTimeOffset → timestamp, all else → text.
base::ColumnType cdm_column_type(std::string_view data_type);
std::string_view cdm_data_type(base::ColumnType type);

// ---- writing

struct ModelFile {
  std::string name;      // of the partition
  std::string location;  // relative to model.json
  base::Timestamp refreshed_at{};
};

struct ModelTable {
  struct Column {
    std::string name;
    base::ColumnType type = base::ColumnType::text;
  };
  std::string name;
  std::vector<Column> columns;
  std::vector<ModelFile> files;
};

struct ModelDraft {
  std::string name;
  std::string culture = "en-US";
  base::Timestamp modified_at{};
  char delimiter = ',';
  std::vector<ModelTable> tables;
};

// For files as CsvWriter writes them, with a header row. Deterministic, indented.
std::string write_model_json(const ModelDraft& draft);

}  // namespace sluice::data
