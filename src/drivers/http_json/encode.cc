#include "drivers/http_json/encode.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/assert.h"
#include "base/text.h"

namespace sluice::drivers::http_json {

using base::ColumnType;
using base::json::Value;
using manifest::Filter;

namespace {

constexpr std::size_t kMostDepth = 32;

constexpr std::uint64_t repeated(unsigned char byte) { return 0x0101010101010101ull * byte; }

// A byte of `word` is one that JSON text must escape, or is not ASCII. May err only towards true.
bool needs_care(std::uint64_t word) {
  const std::uint64_t quote = word ^ repeated('"');
  const std::uint64_t slash = word ^ repeated('\\');
  const std::uint64_t found = (word - repeated(0x20)) | ((quote - repeated(1)) & ~quote) | ((slash - repeated(1)) & ~slash) | word;
  return (found & repeated(0x80)) != 0;
}

bool is_plain(std::string_view text) {
  std::uint64_t word = 0;
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::memcpy(&word, at, 8);
    if (needs_care(word)) return false;
  }
  word = repeated('a');
  if (left > 0) std::memcpy(&word, at, left);
  return !needs_care(word);
}

void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, start, i - start);
    start = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out.append({'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]});
    }
  }
  out.append(text, start);
}

bool is_raw_type(ColumnType type) { return type == ColumnType::integer || type == ColumnType::decimal || type == ColumnType::boolean; }

bool is_raw_value(std::string_view text) { return text == "true" || text == "false" || is_json_number(text); }

bool names_number(const std::vector<Filter>& filters) { return std::find(filters.begin(), filters.end(), Filter::number) != filters.end(); }

std::string json_text(std::string_view text) {
  std::string out;
  append_json_text(out, text);
  return out;
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    const std::size_t at = out.size();
    out.resize(at + text.size() + 2);
    out[at] = '"';
    if (!text.empty()) std::memcpy(out.data() + at + 1, text.data(), text.size());
    out.back() = '"';
    return;
  }
  if (!base::is_valid_utf8(text)) return base::json::append_quoted(out, text);
  out += '"';
  append_escaped(out, text);
  out += '"';
}

bool is_json_number(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - from;
  };
  if (at < text.size() && text[at] == '-') ++at;
  const std::size_t whole_at = at;
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[whole_at] == '0')) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

Template::Template(const Value& value, const Names& names) : columns_(names.columns()) {
  for (const RowColumn& column : columns_) column_names_.push_back(json_text(column.as) + ":");
  Place top;
  add(value, {}, top, {}, names);
}

void Template::add_op(Op op, Place& place) {
  op.comma = place.is_first ? Op::Comma::never : place.may_be_first ? Op::Comma::behind_value : Op::Comma::always;
  place.is_first = false;
  if (!op.is_optional) place.may_be_first = false;
  ops_.push_back(std::move(op));
}

void Template::add_literal(std::string bytes, Place& place) {
  const bool joins = !ops_.empty() && ops_.back().kind == Op::Kind::literal && (place.is_first || !place.may_be_first);
  if (joins) {
    ops_.back().bytes += (place.is_first ? "" : ",") + bytes;
    place = {.is_first = false, .may_be_first = false};
    return;
  }
  add_op({.kind = Op::Kind::literal, .bytes = std::move(bytes)}, place);
}

void Template::add(const Value& value, std::string name, Place& place, Within within, const Names& names) {
  const auto close = [this](const char* bytes) {
    Place inside;  // no comma before it
    add_literal(bytes, inside);
  };
  if (const base::json::Array* items = value.as_array()) {
    add_literal(name + "[", place);
    Place inside;
    for (const Value& item : *items) add(item, {}, inside, {true, true}, names);
    close("]");
  } else if (const base::json::Object* object = value.as_object()) {
    const bool may_vanish = within.item && !object->empty() && depth_ < kMostDepth;
    ++depth_;
    if (may_vanish) {
      add_op({.kind = Op::Kind::begin_item, .is_optional = true, .bytes = std::move(name)}, place);
      ops_.push_back({.kind = Op::Kind::literal, .bytes = "{"});
    } else {
      add_literal(name + "{", place);
    }
    Place inside;
    for (const auto& [member, inner] : *object) add(inner, json_text(member) + ":", inside, {may_vanish, false}, names);
    close("}");
    if (may_vanish) ops_.push_back({.kind = Op::Kind::end_item});
    --depth_;
  } else if (const std::string* text = value.as_string()) {
    const bool is_optional = within.list || !name.empty();
    add_text(*text, std::move(name), place, is_optional, names);
  } else {
    add_literal(name + base::json::write(value), place);
  }
}

bool Template::add_single(const manifest::TextPart& part, const std::string& name, Place& place, bool is_optional, const Names& names) {
  Meaning meaning = names.find(part.name);
  const bool number = names_number(part.filters);
  Op op{.is_optional = is_optional, .is_number = number, .bytes = name, .filters = part.filters};
  switch (meaning.source) {
    case Source::constant: {
      if (part.filters.empty() && meaning.constant.as_string() == nullptr) {
        if (meaning.constant.is_null() && is_optional) return true;
        add_literal(name + base::json::write(meaning.constant), place);
        return true;
      }
      const std::string text = apply(part.filters, text_of(meaning.constant));
      if (text.empty() && is_optional) return true;
      add_literal(name + (number && is_json_number(text) ? text : json_text(text)), place);
      return true;
    }
    case Source::rows:
      op.kind = Op::Kind::rows, op.is_optional = false;
      break;
    case Source::attributes:
      op.kind = Op::Kind::attributes, op.is_optional = false;
      break;
    case Source::values:
      op.kind = Op::Kind::values, op.is_optional = false;
      break;
    case Source::column:
      op.column = static_cast<std::uint32_t>(meaning.column);
      op.is_number = number || (part.filters.empty() && is_raw_type(columns_[meaning.column].type));
      op.kind = part.filters.empty() || (part.filters.size() == 1 && number) ? Op::Kind::cell : Op::Kind::moment;
      op.meaning = std::move(meaning);
      break;
    case Source::id:
    case Source::audience_id:
    case Source::batch_id:
    case Source::job_id:
    case Source::token:
    case Source::now:
      op.kind = Op::Kind::moment;
      op.meaning = std::move(meaning);
      break;
  }
  add_op(std::move(op), place);
  return true;
}

void Template::add_text(const std::string& text, std::string name, Place& place, bool is_optional, const Names& names) {
  const auto parts = manifest::parse_text(text);
  if (parts.ok() && parts->size() == 1 && parts->front().literal.empty() && !parts->front().name.empty()) {
    add_single(parts->front(), name, place, is_optional, names);
    return;
  }
  Text compiled(text, names, Inside::plain);
  if (compiled.is_constant()) {
    add_literal(name + json_text(compiled.str()), place);
  } else {
    add_op({.kind = Op::Kind::text, .bytes = std::move(name), .text = std::move(compiled)}, place);
  }
}

void Template::append_value(std::string& out, const Op& op, std::string_view value) const {
  if (op.is_number && is_raw_value(value)) {
    out += value;
  } else {
    append_json_text(out, value);
  }
}

void Template::append_cells(std::string& out, const Op& op, const Moment& moment) const {
  const bool is_object = op.kind == Op::Kind::attributes;
  out += is_object ? '{' : '[';
  bool first = true;
  for (std::size_t i = 0; i < columns_.size() && moment.block != nullptr; ++i) {
    const std::string_view value = moment.block->cell(moment.row, i).text();
    if (is_object && value.empty()) continue;
    if (!first) out += ',';
    first = false;
    if (is_object) out += column_names_[i];
    if (is_raw_type(columns_[i].type) && is_raw_value(value)) {
      out += value;
    } else {
      append_json_text(out, value);
    }
  }
  out += is_object ? '}' : ']';
}

void Template::append(std::string& out, const Moment& moment) const {
  std::array<std::size_t, kMostDepth> item_at;  // NOLINT: written before it is read
  std::size_t items_open = 0;
  for (const Op& op : ops_) {
    std::string_view value;
    std::string made;
    if (op.kind == Op::Kind::end_item) {
      --items_open;
      if (out.ends_with("{}")) out.resize(item_at[items_open]);
      continue;
    }
    if (op.kind == Op::Kind::cell) {
      if (moment.block != nullptr) value = moment.block->cell(moment.row, op.column).text();
      if (value.empty() && op.is_optional) continue;
    } else if (op.kind == Op::Kind::moment) {
      made = apply(op.filters, moment_text(op.meaning, moment));
      value = made;
      if (value.empty() && op.is_optional) continue;
    }
    if (op.kind == Op::Kind::begin_item) item_at[items_open++] = out.size();
    if (op.comma == Op::Comma::always || (op.comma == Op::Comma::behind_value && out.back() != '{' && out.back() != '[')) out += ',';
    out += op.bytes;
    switch (op.kind) {
      case Op::Kind::literal:
      case Op::Kind::begin_item:
      case Op::Kind::end_item:
        break;
      case Op::Kind::cell:
      case Op::Kind::moment:
        append_value(out, op, value);
        break;
      case Op::Kind::text:
        append_json_text(out, op.text.str(moment));
        break;
      case Op::Kind::rows:
        out += '[';
        out += moment.rows;
        out += ']';
        break;
      case Op::Kind::attributes:
      case Op::Kind::values:
        append_cells(out, op, moment);
        break;
    }
  }
}

bool Template::names(Source source) const {
  for (const Op& op : ops_) {
    if (op.kind == Op::Kind::rows ? source == Source::rows : op.meaning.source == source || op.text.names(source)) return true;
  }
  return false;
}

}  // namespace sluice::drivers::http_json
