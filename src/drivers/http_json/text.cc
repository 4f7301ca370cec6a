#include "drivers/http_json/text.h"

#include "base/text.h"
#include "base/time.h"
#include "crypto/md5.h"

namespace sluice::drivers::http_json {

using manifest::FieldType;
using manifest::Filter;

namespace {

std::string datacenter_of(std::string_view text) {
  std::string out;
  for (const char c : text.substr(text.rfind('-') + 1)) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (good) out += c;
  }
  return out;
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// What an author may write in a query and is kept: it has no meaning that could end the value.
std::string encode_literal(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view(",:/@()*!$;'").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += base::percent_encode(std::string_view(&c, 1));
    }
  }
  return out;
}

bool ends_encoded(const std::vector<Filter>& filters) { return !filters.empty() && filters.back() == Filter::url; }

}  // namespace

std::string apply(const std::vector<Filter>& filters, std::string text) {
  for (const Filter filter : filters) {
    switch (filter) {
      case Filter::url:
        text = base::percent_encode(text);
        break;
      case Filter::base64:
        text = base::base64(text);
        break;
      case Filter::lower:
        text = base::fold_case(text);
        break;
      case Filter::upper:
        text = upper(std::move(text));
        break;
      case Filter::number:
        break;  // decides the type of a JSON value, not its text
      case Filter::md5:
        text = crypto::md5_hex(text);
        break;
      case Filter::datacenter:
        text = datacenter_of(text);
        break;
    }
  }
  return text;
}

std::string moment_text(const Meaning& meaning, const Moment& moment) {
  switch (meaning.source) {
    case Source::constant:
      return text_of(meaning.constant);
    case Source::column:
      return moment.block == nullptr ? std::string() : std::string(moment.block->cell(moment.row, meaning.column).text());
    case Source::rows:
      return std::string(moment.rows);
    case Source::id:
      return std::string(moment.id);
    case Source::audience_id:
      return std::string(moment.audience_id);
    case Source::batch_id:
      return std::string(moment.batch_id);
    case Source::job_id:
      return std::string(moment.job_id);
    case Source::token:
      return std::string(moment.token);
    case Source::now:
      return base::format_rfc3339(base::system_now());
    case Source::attributes:
    case Source::values:
      return {};
  }
  return {};
}

Text::Text(std::string_view text, const Names& names, Inside inside) : inside_(inside) {
  const auto parsed = manifest::parse_text(text);
  if (!parsed.ok()) return;  // checked when the manifest was read
  std::string pending;       // constant so far
  bool at_host = false;
  for (std::size_t i = 0; i < parsed->size(); ++i) {
    const manifest::TextPart& in = (*parsed)[i];
    const bool goes_on = i + 1 < parsed->size() && (*parsed)[i + 1].literal.starts_with('/');
    pending += inside == Inside::query ? encode_literal(in.literal) : in.literal;
    if (in.name.empty()) continue;
    Meaning meaning = names.find(in.name);
    if (meaning.source != Source::constant) {
      parts_.push_back({std::move(pending), std::move(meaning), in.filters});
      pending.clear();
      continue;
    }
    std::string value = apply(in.filters, text_of(meaning.constant));
    at_host = pending.ends_with("://");
    const bool is_address = inside == Inside::address && parts_.empty() && in.filters.empty() &&
                            ((pending.empty() && meaning.type == FieldType::url) || (at_host && meaning.type == FieldType::host));
    if (is_address) {
      while (goes_on && value.ends_with('/')) value.pop_back();
      pending += value;
    } else if (inside == Inside::plain || ends_encoded(in.filters)) {
      pending += value;
    } else {
      pending += base::percent_encode(value);
    }
  }
  if (!pending.empty()) parts_.push_back({std::move(pending), {}, {}});
}

void Text::append(std::string& out, const Moment& moment) const {
  for (const Part& part : parts_) {
    out += part.literal;
    if (part.meaning.source == Source::constant) continue;
    const bool raw = inside_ == Inside::plain || part.meaning.source == Source::rows || ends_encoded(part.filters);
    std::string value = moment_text(part.meaning, moment);
    if (!part.filters.empty()) value = apply(part.filters, std::move(value));
    out += raw ? value : base::percent_encode(value);
  }
}

std::string Text::str(const Moment& moment) const {
  std::string out;
  append(out, moment);
  return out;
}

bool Text::names(Source source) const {
  for (const Part& part : parts_) {
    if (part.meaning.source == source) return true;
  }
  return false;
}

}  // namespace sluice::drivers::http_json
