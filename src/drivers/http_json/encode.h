// Bodies and rows as JSON bytes. A template is compiled into a flat list of operations once a session; a row is then appended
// straight to the batch, without a tree. Values never become structure: every text is escaped, numbers stay as they were written
// (C-100, C-101), and a member whose value is one substitution of an empty attribute is left out (C-086). A list leaves such an
// item out too, and an object in it that lost all its members that way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "drivers/http_json/names.h"
#include "drivers/http_json/text.h"

namespace sluice::drivers::http_json {

// A JSON string with its quotes. Invalid UTF-8 becomes U+FFFD.
void append_json_text(std::string& out, std::string_view text);
// As JSON writes numbers: no leading zeros, no plus sign, digits on both sides of the point.
bool is_json_number(std::string_view text);

class Template {
 public:
  Template() = default;
  Template(const base::json::Value& value, const Names& names);

  void append(std::string& out, const Moment& moment) const;
  bool names(Source source) const;

 private:
  struct Op {
    enum class Kind : std::uint8_t { literal, cell, moment, text, rows, attributes, values, begin_item, end_item };
    enum class Comma : std::uint8_t { never, always, behind_value };
    Kind kind = Kind::literal;
    Comma comma = Comma::never;
    bool is_optional = false;  // left out when empty, name and comma included
    bool is_number = false;    // a number or truth value when it reads like one
    std::string bytes;         // literal, or the member's name with its colon
    std::uint32_t column = 0;
    Meaning meaning;
    std::vector<manifest::Filter> filters;
    Text text;
  };
  // Where in a list or an object the compiler is.
  struct Place {
    bool is_first = true;
    bool may_be_first = true;  // everything before it may have been left out
  };

  // Around a value: an item of a list, so that what has nothing in it is left out; directly in a list, where it has no name.
  struct Within {
    bool item = false;
    bool list = false;
  };

  void add(const base::json::Value& value, std::string name, Place& place, Within within, const Names& names);
  void add_text(const std::string& text, std::string name, Place& place, bool is_optional, const Names& names);
  bool add_single(const manifest::TextPart& part, const std::string& name, Place& place, bool is_optional, const Names& names);
  void add_literal(std::string bytes, Place& place);
  void add_op(Op op, Place& place);
  void append_value(std::string& out, const Op& op, std::string_view value) const;
  void append_cells(std::string& out, const Op& op, const Moment& moment) const;

  std::vector<Op> ops_;
  std::size_t depth_ = 0;  // while compiling
  std::vector<RowColumn> columns_;
  std::vector<std::string> column_names_;  // `"as":`
};

}  // namespace sluice::drivers::http_json
