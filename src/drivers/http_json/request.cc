#include "drivers/http_json/request.h"

#include <algorithm>

#include "base/text.h"

namespace sluice::drivers::http_json {

using manifest::BodyForm;

namespace {

bool has_header(const std::vector<net::HttpHeader>& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& one) { return base::equals_ignoring_case(one.first, name); });
}

std::string address_of(const manifest::HttpService& service, const std::string& path) {
  if (path.starts_with("http://") || path.starts_with("https://")) return path;
  std::string base = service.base;
  while (base.ends_with('/')) base.pop_back();
  if (path == "/") return base;  // the base itself
  return base + (path.empty() || path.starts_with('/') ? "" : "/") + path;
}

void append_csv_field(std::string& out, std::string_view text) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos && base::trim(text).size() == text.size()) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

// Values of a header end with it: what could begin another line becomes a blank.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

bool is_whole(std::string_view text) { return text.starts_with("${") && text.find('}') == text.size() - 1; }

}  // namespace

std::string origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  return base::ascii_lower(url.substr(0, url.find_first_of("/?#", scheme + 3)));
}

Call::Call(const manifest::HttpService& service, const manifest::HttpCall& call, const base::json::Value& row, const Names& names)
    : method_(call.method), url_(address_of(service, call.path), names, Inside::address), form_(call.form) {
  bool in_query = false;
  for (const auto& [name, value] : call.query) {
    in_query = in_query || value.find("${rows}") != std::string::npos;
    query_.emplace_back(base::percent_encode(name), Text(value, names, Inside::query));
  }
  for (const auto* list : {&service.headers, &call.headers}) {
    for (const auto& [name, value] : *list) {
      std::erase_if(headers_,
                    [&, wanted = std::string_view(name)](const auto& one) { return base::equals_ignoring_case(one.first, wanted); });
      headers_.emplace_back(name, Text(value, names, Inside::plain));
    }
  }
  if (form_ == BodyForm::csv) {
    rows_form_ = RowsForm::csv;
    if (const base::json::Object* columns = row.as_object()) {
      for (const auto& [name, value] : *columns) {
        if (!csv_header_.empty()) csv_header_ += ',';
        append_csv_field(csv_header_, name);
        row_texts_.emplace_back(text_of(value), names, Inside::plain);
      }
    }
    csv_header_ += '\n';
  } else if (in_query) {
    rows_form_ = RowsForm::query;
    row_texts_.emplace_back(row.text(), names, Inside::query);
  } else if (!row.is_null()) {
    row_ = Template(row, names);
  }
  compile_body(call, names);
}

void Call::compile_body(const manifest::HttpCall& call, const Names& names) {
  has_body_ = !call.body.is_null() || form_ == BodyForm::csv;
  if (!has_body_ || form_ == BodyForm::csv) return;
  const base::json::Object* members = call.body.as_object();
  if (form_ == BodyForm::json || members == nullptr) {
    body_ = Template(call.body, names);
    return;
  }
  for (const auto& [name, value] : *members) {
    Field field{.name = base::percent_encode(name)};
    const std::string_view text = value.text();
    const bool is_list = is_whole(text) && (text == "${rows}" || text == "${columns}" || text == "${attributes}" || text == "${values}");
    if (value.as_string() != nullptr && !is_list) {
      field.text = Text(text, names, Inside::plain);
    } else {
      field.is_text = false;
      field.value = Template(value, names);
    }
    fields_.push_back(std::move(field));
  }
}

std::string Call::form_body(const Moment& moment) const {
  std::string out, value;
  for (const Field& field : fields_) {
    value.clear();
    if (field.is_text) {
      field.text.append(value, moment);
      if (value.empty()) continue;  // as an empty member of a JSON body
    } else {
      field.value.append(value, moment);
    }
    if (!out.empty()) out += '&';
    out += field.name + "=" + base::percent_encode(value);
  }
  return out;
}

Prepared Call::prepare(const Moment& moment) const {
  Prepared out{.method = method_, .url = url_.str(moment), .has_body = has_body_};
  char mark = out.url.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, text] : query_) {
    const std::string value = text.str(moment);
    if (value.empty()) continue;
    out.url += mark + name + "=" + value;
    mark = '&';
  }
  for (const auto& [name, text] : headers_) {
    std::string value = one_line(text.str(moment));
    if (!value.empty()) out.headers.emplace_back(name, std::move(value));
  }
  if (!has_header(out.headers, "accept")) out.headers.emplace_back("Accept", "application/json");
  if (!has_header(out.headers, "user-agent")) out.headers.emplace_back("User-Agent", "Sluice");
  if (!has_body_) return out;
  std::string_view type = "application/json";
  switch (form_) {
    case BodyForm::json:
      out.body.reserve(moment.rows.size() + 1024);
      body_.append(out.body, moment);
      break;
    case BodyForm::form:
      type = "application/x-www-form-urlencoded";
      if (fields_.empty()) {
        body_.append(out.body, moment);
      } else {
        out.body = form_body(moment);
      }
      break;
    case BodyForm::csv:
      type = "text/csv; charset=utf-8";
      out.body = csv_header_;
      out.body += moment.rows;
      out.body += '\n';
      break;
  }
  if (!has_header(out.headers, "content-type")) out.headers.emplace_back("Content-Type", type);
  return out;
}

void Call::append_row(std::string& out, const Moment& moment) const {
  switch (rows_form_) {
    case RowsForm::json:
      row_.append(out, moment);
      break;
    case RowsForm::query:
      row_texts_.front().append(out, moment);
      break;
    case RowsForm::csv:
      for (std::size_t i = 0; i < row_texts_.size(); ++i) {
        if (i > 0) out += ',';
        append_csv_field(out, row_texts_[i].str(moment));
      }
      break;
  }
}

std::size_t Call::wire_bytes(std::string_view rows) const {
  return form_ == BodyForm::form && !has_rows_in_query() ? base::percent_encode(rows).size() : rows.size();
}

bool Call::names(Source source) const {
  const auto in = [source](const auto& pairs) {
    return std::any_of(pairs.begin(), pairs.end(), [&](const auto& one) { return one.second.names(source); });
  };
  if (url_.names(source) || in(query_) || in(headers_) || body_.names(source) || row_.names(source)) return true;
  return std::any_of(fields_.begin(), fields_.end(),
                     [&](const Field& field) { return field.text.names(source) || field.value.names(source); }) ||
         std::any_of(row_texts_.begin(), row_texts_.end(), [&](const Text& text) { return text.names(source); });
}

}  // namespace sluice::drivers::http_json
