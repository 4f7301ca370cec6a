// One call of a manifest, compiled for a session: address, headers and body are then made from a moment.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "drivers/http_json/encode.h"
#include "drivers/http_json/names.h"
#include "drivers/http_json/text.h"
#include "manifest/http_service.h"
#include "net/http_client.h"

namespace sluice::drivers::http_json {

// Ready to be signed and sent.
struct Prepared {
  std::string method;
  std::string url;
  std::vector<net::HttpHeader> headers;
  std::string body;
  bool has_body = false;
};

class Call {
 public:
  // `row` is the template of one row; null where the call takes none.
  Call(const manifest::HttpService& service, const manifest::HttpCall& call, const base::json::Value& row, const Names& names);

  Prepared prepare(const Moment& moment) const;
  // Appends one row, without what stands between two of them.
  void append_row(std::string& out, const Moment& moment) const;
  char separator() const { return rows_form_ == RowsForm::csv ? '\n' : ','; }
  // How much of the limit of bytes this text takes once it is in the body.
  std::size_t wire_bytes(std::string_view rows) const;
  // Whether some part of it names this.
  bool names(Source source) const;
  // Rows stand in the query, whose length is limited as well.
  bool has_rows_in_query() const { return rows_form_ == RowsForm::query; }

 private:
  enum class RowsForm : std::uint8_t { json, csv, query };
  struct Field {  // of a form
    std::string name;
    bool is_text = true;
    Text text;
    Template value;
  };

  void compile_body(const manifest::HttpCall& call, const Names& names);
  std::string form_body(const Moment& moment) const;

  std::string method_;
  Text url_;
  std::vector<std::pair<std::string, Text>> query_;
  std::vector<std::pair<std::string, Text>> headers_;
  manifest::BodyForm form_ = manifest::BodyForm::json;
  bool has_body_ = false;
  Template body_;
  std::vector<Field> fields_;
  RowsForm rows_form_ = RowsForm::json;
  Template row_;
  std::vector<Text> row_texts_;  // of a CSV row, or the one of a query
  std::string csv_header_;
};

// The scheme, host and port of a URL; empty when it is none.
std::string origin_of(std::string_view url);

}  // namespace sluice::drivers::http_json
