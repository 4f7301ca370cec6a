#include "data/model_json.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace sluice::data {

namespace {

using base::ColumnType;
using base::json::Array;
using base::json::Object;
using base::json::Value;

constexpr std::size_t kFaults = 20;
constexpr base::json::Limits kLimits = {.bytes = std::size_t{64} << 20, .depth = 64, .values = 4'000'000};

std::string escaped(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

bool has_scheme(std::string_view location) {
  const std::size_t colon = location.find("://");
  return colon != std::string_view::npos && colon != 0 && location.find('/') > colon;
}

// Reads the tree and collects what is wrong with it. Other producers add members of their own; those are passed over.
class ModelReader {
 public:
  base::Result<CdmModel> read(const Value& root) {
    CdmModel model;
    const Object* object = root.as_object();
    if (object == nullptr) {
      fault("", "wrong_kind", "must be an object, not " + std::string(root.kind()));
      return failure();
    }
    model.name = text(*object, "", "name", false);
    model.application = text(*object, "", "application", false);
    model.version = text(*object, "", "version", false);
    model.culture = text(*object, "", "culture", false);
    model.modified_time = text(*object, "", "modifiedTime", false);
    model.annotations = annotations(*object, "");
    const Array* entities = list(*object, "", "entities", true);
    if (entities != nullptr) {
      for (std::size_t i = 0; i < entities->size(); ++i) {
        CdmEntity entity = read_entity((*entities)[i], "/entities/" + std::to_string(i));
        if (!entity.name.empty() && model.find(entity.name) != nullptr) {
          fault("/entities/" + std::to_string(i) + "/name", "duplicate", "\"" + entity.name + "\" is the name of two entities");
        }
        model.entities.push_back(std::move(entity));
      }
    }
    if (!faults_.empty()) return failure();
    return model;
  }

 private:
  void fault(std::string pointer, std::string reason, std::string detail) {
    if (faults_.size() < kFaults) faults_.push_back({std::move(pointer), std::move(reason), std::move(detail)});
  }

  base::Error failure() {
    const base::FieldError& first = faults_.front();
    base::Error error{.code = base::Code::invalid, .reason = "model_json.invalid"};
    error.detail = "model.json: " + (first.pointer.empty() ? std::string("the file") : first.pointer) + " " + first.detail + ".";
    error.fields = std::move(faults_);
    return error;
  }

  std::string text(const Object& object, const std::string& at, std::string_view name, bool required) {
    const Value* value = object.find(name);
    const std::string pointer = at + "/" + escaped(name);
    if (value == nullptr || value->is_null()) {
      if (required) fault(pointer, "required", "is missing");
      return "";
    }
    const std::string* found = value->as_string();
    if (found == nullptr) {
      fault(pointer, "wrong_kind", "must be text, not " + std::string(value->kind()));
      return "";
    }
    if (required && found->empty()) fault(pointer, "required", "must not be empty");
    return *found;
  }

  const Array* list(const Object& object, const std::string& at, std::string_view name, bool required) {
    const Value* value = object.find(name);
    const std::string pointer = at + "/" + std::string(name);
    if (value == nullptr || value->is_null()) {
      if (required) fault(pointer, "required", "is missing");
      return nullptr;
    }
    if (value->as_array() == nullptr) fault(pointer, "wrong_kind", "must be a list, not " + std::string(value->kind()));
    return value->as_array();
  }

  const Object* object_at(const Value& value, const std::string& at) {
    if (value.as_object() == nullptr) fault(at, "wrong_kind", "must be an object, not " + std::string(value.kind()));
    return value.as_object();
  }

  std::vector<CdmAnnotation> annotations(const Object& object, const std::string& at) {
    std::vector<CdmAnnotation> found;
    const Array* items = list(object, at, "annotations", false);
    if (items == nullptr) return found;
    for (std::size_t i = 0; i < items->size(); ++i) {
      const std::string here = at + "/annotations/" + std::to_string(i);
      const Object* item = object_at((*items)[i], here);
      if (item == nullptr) continue;
      const Value& value = item->get("value");
      const std::string* plain = value.as_string();
      found.push_back({text(*item, here, "name", false), plain != nullptr ? *plain : base::json::write(value)});
    }
    return found;
  }

  CdmEntity read_entity(const Value& value, const std::string& at) {
    CdmEntity entity;
    const Object* object = object_at(value, at);
    if (object == nullptr) return entity;
    entity.name = text(*object, at, "name", true);
    entity.description = text(*object, at, "description", false);
    entity.kind = text(*object, at, "$type", false);
    entity.annotations = annotations(*object, at);
    if (entity.kind == "ReferenceEntity" || object->find("modelId") != nullptr) {
      const std::string source = text(*object, at, "source", false);
      entity.not_importable = "This table is kept in another model" + (source.empty() ? std::string() : " (as \"" + source + "\" there)") +
                              "; import it from the folder of that model.";
      return entity;
    }
    if (!entity.kind.empty() && entity.kind != "LocalEntity") {
      entity.not_importable = "Tables of the kind \"" + entity.kind + "\" cannot be imported.";
      return entity;
    }
    read_attributes(*object, at, entity);
    read_partitions(*object, at, entity);
    if (entity.not_importable) return entity;
    if (entity.attributes.empty()) {
      entity.not_importable = "The model names no columns of this table.";
    } else if (entity.partitions.empty()) {
      entity.not_importable = "The model names no files with rows of this table.";
    }
    return entity;
  }

  void read_attributes(const Object& object, const std::string& at, CdmEntity& entity) {
    const Array* items = list(object, at, "attributes", false);
    if (items == nullptr) return;
    for (std::size_t i = 0; i < items->size(); ++i) {
      const std::string here = at + "/attributes/" + std::to_string(i);
      const Object* item = object_at((*items)[i], here);
      if (item == nullptr) continue;
      CdmAttribute attribute{.name = text(*item, here, "name", true), .data_type = text(*item, here, "dataType", false)};
      attribute.type = cdm_column_type(attribute.data_type);
      entity.attributes.push_back(std::move(attribute));
    }
  }

  void read_partitions(const Object& object, const std::string& at, CdmEntity& entity) {
    const Array* items = list(object, at, "partitions", false);
    if (items == nullptr) return;
    for (std::size_t i = 0; i < items->size(); ++i) {
      const std::string here = at + "/partitions/" + std::to_string(i);
      const Object* item = object_at((*items)[i], here);
      if (item == nullptr) continue;
      CdmPartition partition;
      partition.name = text(*item, here, "name", false);
      partition.refresh_time = text(*item, here, "refreshTime", false);
      read_location(*item, here, partition);
      read_format(*item, here, partition, entity);
      entity.partitions.push_back(std::move(partition));
    }
  }

  void read_location(const Object& item, const std::string& at, CdmPartition& partition) {
    partition.location = text(item, at, "location", true);
    partition.absolute = has_scheme(partition.location);
    if (partition.absolute || partition.location.empty()) return;
    std::replace(partition.location.begin(), partition.location.end(), '\\', '/');
    // Escapes are looked through: %2e%2e is as much a way out of the folder as .. is.
    const std::string plain = base::percent_decode(partition.location, false).value_or(partition.location);
    bool outside = plain.starts_with('/') || plain.find('\\') != std::string::npos || plain.find('\0') != std::string::npos ||
                   (plain.size() > 1 && plain[1] == ':');
    for (const std::string_view part : base::split(plain, '/')) outside |= part == "..";
    if (outside) fault(at + "/location", "outside", "must be a path below the folder of model.json, or a URL");
    if (partition.location.starts_with("./")) partition.location.erase(0, 2);
  }

  void read_format(const Object& item, const std::string& at, CdmPartition& partition, CdmEntity& entity) {
    const Value& value = item.get("fileFormatSettings");
    if (value.is_null()) return;
    const std::string here = at + "/fileFormatSettings";
    const Object* settings = object_at(value, here);
    if (settings == nullptr) return;
    const std::string kind = text(*settings, here, "$type", false);
    const std::string quotes = text(*settings, here, "quoteStyle", false);
    if (!kind.empty() && kind != "CsvFormatSettings") {
      entity.not_importable = "A file of this table is not CSV (" + kind + ").";
      return;
    }
    if (quotes == "QuoteStyle.None") {
      entity.not_importable = "A file of this table has quotes that mean nothing (QuoteStyle.None); write it with QuoteStyle.Csv.";
    }
    if (const Value* headers = settings->find("columnHeaders"); headers != nullptr) {
      if (headers->as_bool() != nullptr)
        partition.has_header = *headers->as_bool();
      else
        fault(here + "/columnHeaders", "wrong_kind", "must be true or false, not " + std::string(headers->kind()));
    }
    std::string delimiter = text(*settings, here, "delimiter", false);
    if (delimiter == "\\t") delimiter = "\t";
    const bool usable = delimiter.size() == 1 && delimiter[0] > 0 && delimiter != "\"" && delimiter != "\n" && delimiter != "\r";
    if (usable)
      partition.delimiter = delimiter[0];
    else if (!delimiter.empty())
      fault(here + "/delimiter", "not_a_choice", "must be one character such as \",\"");
    const std::string encoding = text(*settings, here, "encoding", false);
    if (!encoding.empty()) partition.encoding = encoding;
  }

  std::vector<base::FieldError> faults_;
};

Value format_settings(char delimiter) {
  // csvStyle tells a reader whether a quote inside of an unquoted field means anything. CsvWriter never leaves one there, so
  // both values are true of it; QuoteAlways is the default of the format, which every reader knows.
  // needed.
  return Object{{"$type", "CsvFormatSettings"},           {"columnHeaders", true},
                {"delimiter", std::string(1, delimiter)}, {"quoteStyle", "QuoteStyle.Csv"},
                {"csvStyle", "CsvStyle.QuoteAlways"},     {"encoding", "UTF-8"}};
}

Value table_value(const ModelTable& table, char delimiter) {
  Array attributes;
  for (const ModelTable::Column& column : table.columns) {
    attributes.emplace_back(Object{{"name", column.name}, {"dataType", cdm_data_type(column.type)}});
  }
  Array partitions;
  for (const ModelFile& file : table.files) {
    partitions.emplace_back(Object{{"name", file.name},
                                   {"refreshTime", base::format_rfc3339(file.refreshed_at)},
                                   {"location", file.location},
                                   {"fileFormatSettings", format_settings(delimiter)}});
  }
  return Object{{"$type", "LocalEntity"},
                {"name", table.name},
                {"attributes", Value(std::move(attributes))},
                {"partitions", Value(std::move(partitions))}};
}

}  // namespace

const CdmEntity* CdmModel::find(std::string_view entity) const {
  const auto found = std::find_if(entities.begin(), entities.end(), [entity](const CdmEntity& one) { return one.name == entity; });
  return found == entities.end() ? nullptr : &*found;
}

base::Result<CdmModel> parse_model_json(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  base::Result<Value> root = base::json::parse(text, kLimits);
  if (!root.ok()) {
    base::Error error = std::move(root).error();
    error.reason = "model_json.invalid";
    error.detail = "model.json: " + error.detail;
    error.fields = {{"", "invalid", error.detail}};
    return error;
  }
  return ModelReader().read(*root);
}

ColumnType cdm_column_type(std::string_view data_type) {
  const std::string lower = base::ascii_lower(data_type);
  if (lower == "int64" || lower == "integer" || lower == "int32" || lower == "bigint" || lower == "biginteger") return ColumnType::integer;
  if (lower == "decimal" || lower == "double" || lower == "float") return ColumnType::decimal;
  if (lower == "boolean") return ColumnType::boolean;
  if (lower == "date") return ColumnType::date;
  if (lower == "datetime" || lower == "datetimeoffset") return ColumnType::timestamp;
  return ColumnType::text;
}

std::string_view cdm_data_type(ColumnType type) {
  switch (type) {
    case ColumnType::text:
      return "string";
    case ColumnType::integer:
      return "int64";
    case ColumnType::decimal:
      return "decimal";
    case ColumnType::boolean:
      return "boolean";
    case ColumnType::date:
      return "date";
    case ColumnType::timestamp:
      return "dateTimeOffset";
  }
  return "string";
}

std::string write_model_json(const ModelDraft& draft) {
  Array entities;
  for (const ModelTable& table : draft.tables) entities.push_back(table_value(table, draft.delimiter));
  return base::json::write_pretty(Object{{"application", "Sluice"},
                                         {"name", draft.name},
                                         {"version", "1.0"},
                                         {"culture", draft.culture},
                                         {"modifiedTime", base::format_rfc3339(draft.modified_at)},
                                         {"entities", Value(std::move(entities))}});
}

}  // namespace sluice::data
