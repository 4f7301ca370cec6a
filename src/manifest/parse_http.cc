#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "manifest/http_file.h"
#include "manifest/parts.h"

namespace sluice::manifest {

namespace {

using base::Result;
using base::json::Value;

// A job may be named by an address of its own, at the same place as the service.
bool is_job_address(std::string_view path, std::string_view at) { return path == "${job_id}" && at.ends_with("/job/poll"); }

// Takes the file apart, part by part. `at` is always the pointer of the part.
class HttpParser {
 public:
  explicit HttpParser(const Source& source) : source_(source) {}

  Result<HttpService> service(http_file::Service&& in, const std::string& at);

 private:
  Result<Pairs> pairs(const base::json::Object& in, const std::string& at);
  Result<std::vector<std::string>> texts(const http_file::Values& in, const std::string& at);
  Result<std::string> pointer(std::optional<std::string> in, const std::string& at);
  Result<HttpCall> call(http_file::Call&& in, const std::string& at);
  Result<Expect> condition(http_file::Condition&& in, const std::string& at);
  Result<HttpAuth> auth(http_file::Auth&& in, const std::string& at);
  Result<double> per_second(const Value& in, const std::string& at);
  Result<VerifyCall> verify(http_file::Verify&& in, const std::string& at);
  Result<HttpError> error(http_file::Failure&& in, const std::string& at);
  Result<HttpAudience> audience(http_file::Audience&& in, const std::string& at);
  template <class File, class Out>
  Result<void> whose(File& in, Out& out, const std::string& at);
  Result<Rejected> rejected(http_file::Rejected&& in, const std::string& at);
  Result<std::vector<Rejected>> rejected_list(const Value& in, const std::string& at);
  Result<Ids> ids(http_file::Ids&& in, const std::string& at);
  Result<Job> job(http_file::Poll&& in, const std::string& at);
  Result<HttpStep> step(http_file::Step&& in, const std::string& at);
  Result<HttpOperation> operation(http_file::Operation&& in, const std::string& at);

  const Source& source_;
};

Result<Pairs> HttpParser::pairs(const base::json::Object& in, const std::string& at) {
  Pairs out;
  for (const auto& [name, value] : in) {
    ASSIGN_OR_RETURN(std::vector<std::string> text, texts({value}, at + "/" + name));
    out.emplace_back(name, std::move(text.front()));
  }
  return out;
}

// What an answer is compared with, and values of queries: written as text, number or flag, kept as text.
Result<std::vector<std::string>> HttpParser::texts(const http_file::Values& in, const std::string& at) {
  std::vector<std::string> out;
  for (const Value& value : in) {
    if (value.as_string() != nullptr)
      out.emplace_back(*value.as_string());
    else if (value.as_bool() != nullptr)
      out.emplace_back(*value.as_bool() ? "true" : "false");
    else if (value.as_int() != nullptr)
      out.emplace_back(std::to_string(*value.as_int()));
    else
      return source_.fault(at, "must be text, a number, true or false");
  }
  return out;
}

// "" is the whole; '~' escapes as in RFC 6901; a part may be '*'; "#" alone is the name or place of an item.
Result<std::string> HttpParser::pointer(std::optional<std::string> in, const std::string& at) {
  if (!in || in->empty() || *in == "#") return in.value_or("");
  if (in->front() != '/') return source_.fault(at, "must be a pointer such as /errors/0/code: it begins with '/'");
  for (std::size_t i = 0; i < in->size(); ++i) {
    if ((*in)[i] == '~' && (i + 1 == in->size() || ((*in)[i + 1] != '0' && (*in)[i + 1] != '1')))
      return source_.fault(at, "must write '~' as ~0 and a '/' within a name as ~1");
  }
  return std::move(*in);
}

Result<HttpCall> HttpParser::call(http_file::Call&& in, const std::string& at) {
  HttpCall out{.method = std::string(base::to_name(in.method)), .path = std::move(in.path)};
  if (!is_job_address(out.path, at) && out.path.front() != '/' && !out.path.starts_with("https://") && !out.path.starts_with("http://"))
    return source_.fault(at + "/path", "must begin with '/', or be an absolute address");
  if (out.path.find_first_of("?# \t\r\n") != std::string::npos)
    return source_.fault(at + "/path", "must hold no question mark, '#' or blank; parameters belong under query");
  ASSIGN_OR_RETURN(out.query, pairs(in.query, at + "/query"));
  ASSIGN_OR_RETURN(out.headers, pairs(in.headers, at + "/headers"));
  if (in.form && in.body.is_null()) return source_.fault(at + "/form", "needs a body");
  out.form = in.form.value_or(BodyForm::json);
  if (out.form == BodyForm::form && in.body.as_object() == nullptr)
    return source_.fault(at + "/body", "must be an object, whose members become the fields of the form");
  if (out.form == BodyForm::csv && in.body.text() != "${rows}") return source_.fault(at + "/body", "must be \"${rows}\" with form: csv");
  if (out.method == "GET" && !in.body.is_null()) return source_.fault(at + "/body", "cannot be sent with GET");
  out.body = std::move(in.body);
  return out;
}

Result<Expect> HttpParser::condition(http_file::Condition&& in, const std::string& at) {
  Expect out;
  ASSIGN_OR_RETURN(out.pointer, pointer(std::move(in.pointer), at + "/pointer"));
  ASSIGN_OR_RETURN(out.equals, texts(in.equals, at + "/equals"));
  return out;
}

// Which members a kind of authentication must and may have.
struct AuthMembers {
  AuthKind kind;
  std::vector<std::string_view> needed, possible;
};
const std::vector<AuthMembers>& auth_members() {
  static const std::vector<AuthMembers> all = {
      {AuthKind::none, {}, {}},
      {AuthKind::header, {"header", "value"}, {}},
      {AuthKind::query, {"parameter", "value"}, {}},
      {AuthKind::basic, {"username", "password"}, {}},
      {AuthKind::bearer, {"value"}, {}},
      {AuthKind::client_credentials, {"url", "client_id", "client_secret"}, {"scope", "in_header"}},
      {AuthKind::login, {"request", "token", "header", "value"}, {"lasts"}},
      {AuthKind::signature, {"header", "secret"}, {}},
  };
  return all;
}

Result<HttpAuth> HttpParser::auth(http_file::Auth&& in, const std::string& at) {
  const std::array<std::pair<std::string_view, bool>, 14> given = {{{"header", in.header.has_value()},
                                                                    {"parameter", in.parameter.has_value()},
                                                                    {"value", in.value.has_value()},
                                                                    {"username", in.username.has_value()},
                                                                    {"password", in.password.has_value()},
                                                                    {"url", in.url.has_value()},
                                                                    {"client_id", in.client_id.has_value()},
                                                                    {"client_secret", in.client_secret.has_value()},
                                                                    {"scope", in.scope.has_value()},
                                                                    {"in_header", in.in_header.has_value()},
                                                                    {"request", in.request.has_value()},
                                                                    {"token", in.token.has_value()},
                                                                    {"lasts", in.lasts.has_value()},
                                                                    {"secret", in.secret.has_value()}}};
  const AuthMembers& members = auth_members()[static_cast<std::size_t>(in.kind)];
  const std::string kind(base::to_name(in.kind));
  const auto among = [](const std::vector<std::string_view>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  for (const auto& [name, is_given] : given) {
    if (is_given && !among(members.needed, name) && !among(members.possible, name))
      return source_.fault(at + "/" + std::string(name), "does not belong to the kind " + kind);
    if (!is_given && among(members.needed, name)) return source_.fault(at, "needs `" + std::string(name) + "` with the kind " + kind);
  }
  HttpAuth out{.kind = in.kind};
  const std::array<std::pair<std::optional<std::string>*, std::string*>, 10> moved = {{{&in.header, &out.header},
                                                                                       {&in.parameter, &out.parameter},
                                                                                       {&in.value, &out.value},
                                                                                       {&in.username, &out.username},
                                                                                       {&in.password, &out.password},
                                                                                       {&in.url, &out.url},
                                                                                       {&in.client_id, &out.client_id},
                                                                                       {&in.client_secret, &out.client_secret},
                                                                                       {&in.scope, &out.scope},
                                                                                       {&in.secret, &out.secret}}};
  for (const auto& [from, to] : moved) *to = from->value_or("");
  out.in_header = in.in_header.value_or(false);
  if (in.request) {
    ASSIGN_OR_RETURN(out.request, call(std::move(*in.request), at + "/request"));
  }
  ASSIGN_OR_RETURN(out.token, pointer(std::move(in.token), at + "/token"));
  ASSIGN_OR_RETURN(out.lasts, pointer(std::move(in.lasts), at + "/lasts"));
  return out;
}

// YAML gives whole numbers as numbers, "2.5" as text.
Result<double> HttpParser::per_second(const Value& in, const std::string& at) {
  double number = 0;
  if (in.is_null()) return number;
  if (const std::int64_t* whole = in.as_int()) {
    number = static_cast<double>(*whole);
    if (*whole == 0) return number;  // as fast as the service takes them
  }
  if (const std::string* text = in.as_string()) {
    const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (problem != std::errc() || end != text->data() + text->size()) number = 0;
  }
  if (!(number >= 0.01 && number <= 10'000)) return source_.fault(at, "must be a number from 0.01 to 10000");
  return number;
}

Result<VerifyCall> HttpParser::verify(http_file::Verify&& in, const std::string& at) {
  VerifyCall out{.title = std::move(in.title), .advice = std::move(in.advice)};
  ASSIGN_OR_RETURN(out.request, call(std::move(in.request), at + "/request"));
  if (in.expect) {
    ASSIGN_OR_RETURN(out.expect, condition(std::move(*in.expect), at + "/expect"));
  }
  return out;
}

Result<HttpError> HttpParser::error(http_file::Failure&& in, const std::string& at) {
  if (in.status.empty() && !in.pointer) return source_.fault(at, "needs a status, a pointer or both");
  if (!in.equals.empty() && !in.pointer) return source_.fault(at + "/equals", "needs a pointer: where in the answer to look");
  bool refused = !in.status.empty();
  for (const std::int64_t status : in.status) {
    if (status < 100 || status > 599) return source_.fault(at + "/status", "must hold numbers from 100 to 599");
    refused = refused && status >= 400 && status < 500;
  }
  if (in.means == Means::partial && !refused) return source_.fault(at + "/means", "can be partial only for given statuses of 4xx");
  HttpError out{.status = std::move(in.status), .means = in.means, .advice = std::move(in.advice)};
  ASSIGN_OR_RETURN(out.pointer, pointer(std::move(in.pointer), at + "/pointer"));
  ASSIGN_OR_RETURN(out.equals, texts(in.equals, at + "/equals"));
  return out;
}

Result<HttpAudience> HttpParser::audience(http_file::Audience&& in, const std::string& at) {
  HttpAudience out{.setting = std::move(in.setting)};
  if (in.find) {
    ASSIGN_OR_RETURN(out.find, call(std::move(in.find->request), at + "/find/request"));
    ASSIGN_OR_RETURN(out.each, pointer(std::move(in.find->each), at + "/find/each"));
    ASSIGN_OR_RETURN(out.name, pointer(std::move(in.find->name), at + "/find/name"));
    ASSIGN_OR_RETURN(out.found_id, pointer(std::move(in.find->id), at + "/find/id"));
  }
  ASSIGN_OR_RETURN(out.create, call(std::move(in.create.request), at + "/create/request"));
  ASSIGN_OR_RETURN(out.created_id, pointer(std::move(in.create.id), at + "/create/id"));
  return out;
}

// Whose an item of an answer is: that of the row at a place, or of the one whose attribute has a value.
template <class File, class Out>
Result<void> HttpParser::whose(File& in, Out& out, const std::string& at) {
  ASSIGN_OR_RETURN(out.each, pointer(std::move(in.each), at + "/each"));
  if (in.row.has_value() == in.by.has_value()) return source_.fault(at, "needs either `row` (the place in the request) or `by` (a value)");
  if (in.by.has_value() != in.attribute.has_value())
    return source_.fault(at, "needs `attribute` exactly with `by`: the attribute that has the value");
  out.attribute = in.attribute.value_or("");
  if (in.row) {
    ASSIGN_OR_RETURN(out.row, pointer(std::move(in.row), at + "/row"));
  }
  if (in.by) {
    ASSIGN_OR_RETURN(out.by, pointer(std::move(in.by), at + "/by"));
  }
  return {};
}

Result<Rejected> HttpParser::rejected(http_file::Rejected&& in, const std::string& at) {
  Rejected out;
  if (in.request) {
    ASSIGN_OR_RETURN(out.request, call(std::move(*in.request), at + "/request"));
  }
  if (in.next && !out.request) return source_.fault(at + "/next", "needs `request`: only a list that is fetched has pages");
  ASSIGN_OR_RETURN(out.next, pointer(std::move(in.next), at + "/next"));
  RETURN_IF_ERROR(whose(in, out, at));
  ASSIGN_OR_RETURN(out.reason, pointer(std::move(in.reason), at + "/reason"));
  ASSIGN_OR_RETURN(out.detail, pointer(std::move(in.detail), at + "/detail"));
  if (in.when) {
    if (in.when->equals.empty()) return source_.fault(at + "/when", "needs `equals`");
    ASSIGN_OR_RETURN(Expect when, condition(std::move(*in.when), at + "/when"));
    out.when_pointer = std::move(when.pointer);
    out.when_equals = std::move(when.equals);
  }
  return out;
}

Result<std::vector<Rejected>> HttpParser::rejected_list(const Value& in, const std::string& at) {
  std::vector<Rejected> out;
  if (in.is_null()) return out;
  const base::json::Array one{in};
  const base::json::Array& items = in.as_array() != nullptr ? *in.as_array() : one;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string here = in.as_array() != nullptr ? at + "/" + std::to_string(i) : at;
    ASSIGN_OR_RETURN(http_file::Rejected file, source_.read<http_file::Rejected>(items[i], here));
    if (file.request) return source_.fault(here + "/request", "is for jobs; the answer of a call is at hand");
    ASSIGN_OR_RETURN(Rejected item, rejected(std::move(file), here));
    out.push_back(std::move(item));
  }
  return out;
}

Result<Ids> HttpParser::ids(http_file::Ids&& in, const std::string& at) {
  Ids out{.skip_missing = in.missing == http_file::Missing::skip};
  RETURN_IF_ERROR(whose(in, out, at));
  ASSIGN_OR_RETURN(out.id, pointer(std::move(in.id), at + "/id"));
  return out;
}

Result<Job> HttpParser::job(http_file::Poll&& in, const std::string& at) {
  if (in.id.has_value() == in.header.has_value())
    return source_.fault(at, "needs either `id` (a pointer) or `header`: where the answer names the job");
  Job out{.header = in.header.value_or(""), .every_seconds = in.every, .within_seconds = in.within};
  ASSIGN_OR_RETURN(out.id, pointer(std::move(in.id), at + "/id"));
  ASSIGN_OR_RETURN(out.poll, call(std::move(in.poll), at + "/poll"));
  ASSIGN_OR_RETURN(out.state, pointer(std::move(in.state), at + "/state"));
  ASSIGN_OR_RETURN(out.done, texts(in.done, at + "/done"));
  ASSIGN_OR_RETURN(out.failed, texts(in.failed, at + "/failed"));
  if (in.rejected) {
    ASSIGN_OR_RETURN(out.rejected, rejected(std::move(*in.rejected), at + "/rejected"));
  }
  return out;
}

Result<HttpStep> HttpParser::step(http_file::Step&& in, const std::string& at) {
  HttpStep out{.row = std::move(in.row), .rows = in.rows};
  ASSIGN_OR_RETURN(out.request, call(std::move(in.request), at + "/request"));
  if (in.answer) {
    ASSIGN_OR_RETURN(out.rejected, rejected_list(in.answer->rejected, at + "/answer/rejected"));
    if (in.answer->ids) {
      ASSIGN_OR_RETURN(out.ids, ids(std::move(*in.answer->ids), at + "/answer/ids"));
    }
    if (in.answer->counts) {
      ASSIGN_OR_RETURN(out.rejected_count, pointer(std::move(in.answer->counts->rejected), at + "/answer/counts/rejected"));
    }
  }
  if (in.job) {
    ASSIGN_OR_RETURN(out.job, job(std::move(*in.job), at + "/job"));
  }
  return out;
}

Result<HttpOperation> HttpParser::operation(http_file::Operation&& in, const std::string& at) {
  HttpOperation out{.rows = in.rows, .bytes = in.bytes};
  for (std::size_t i = 0; i < in.steps.size(); ++i) {
    const std::string here = at + "/steps/" + std::to_string(i);
    ASSIGN_OR_RETURN(HttpStep one, step(std::move(in.steps[i]), here));
    if (one.rows.value_or(out.rows) > out.rows) return source_.fault(here + "/rows", "cannot be more than the rows of the operation");
    out.steps.push_back(std::move(one));
  }
  return out;
}

Result<HttpService> HttpParser::service(http_file::Service&& in, const std::string& at) {
  HttpService out{.base = std::move(in.base), .timeout_seconds = in.timeout};
  while (out.base.ends_with('/')) out.base.pop_back();
  ASSIGN_OR_RETURN(out.headers, pairs(in.headers, at + "/headers"));
  ASSIGN_OR_RETURN(out.auth, auth(std::move(in.auth), at + "/auth"));
  if (in.rate) {
    ASSIGN_OR_RETURN(out.per_second, per_second(in.rate->per_second, at + "/rate/per_second"));
    out.parallel = in.rate->parallel.value_or(out.parallel);
  }
  for (std::size_t i = 0; i < in.verify.size(); ++i) {
    ASSIGN_OR_RETURN(VerifyCall one, verify(std::move(in.verify[i]), at + "/verify/" + std::to_string(i)));
    out.verify.push_back(std::move(one));
  }
  for (std::size_t i = 0; i < in.errors.size(); ++i) {
    ASSIGN_OR_RETURN(HttpError one, error(std::move(in.errors[i]), at + "/errors/" + std::to_string(i)));
    out.errors.push_back(std::move(one));
  }
  if (in.audience) {
    ASSIGN_OR_RETURN(out.audience, audience(std::move(*in.audience), at + "/audience"));
  }
  ASSIGN_OR_RETURN(out.upsert, operation(std::move(in.upsert), at + "/upsert"));
  if (in.remove) {
    ASSIGN_OR_RETURN(out.remove, operation(std::move(*in.remove), at + "/remove"));
  }
  return out;
}

}  // namespace

base::Result<HttpService> read_http(const Source& source, const Value& part) {
  ASSIGN_OR_RETURN(http_file::Service file, source.read<http_file::Service>(part, "/http"));
  return HttpParser(source).service(std::move(file), "/http");
}

}  // namespace sluice::manifest
