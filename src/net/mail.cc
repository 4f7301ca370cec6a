#include "net/mail.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "base/text.h"
#include "net/transfer.h"

namespace sluice::net {

namespace {

using base::Error;
using base::Result;

// RFC 2047: at most 75 characters a word, and no character torn between two; 45 bytes are 60 of Base64.
constexpr std::size_t kWordBytes = 45;
constexpr std::size_t kPlainSubject = 60;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Text for a header. What is not plain printable ASCII goes as encoded words, so no line end ever stands in a header.
std::string header_text(std::string_view text) {
  const bool is_plain = text.size() <= kPlainSubject && text.find("=?") == std::string_view::npos &&
                        std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (is_plain) return std::string(text);
  std::string out;
  while (!text.empty()) {
    std::size_t size = std::min(kWordBytes, text.size());
    while (size > 1 && size < text.size() && is_continuation(text[size])) --size;
    out += (out.empty() ? "" : "\r\n ") + ("=?utf-8?B?" + base::base64(text.substr(0, size)) + "?=");
    text.remove_prefix(size);
  }
  return out;
}

// A name before an address: always encoded or quoted, since "," and "<" mean something there.
std::string phrase(std::string_view name) {
  const std::string text = header_text(name);
  if (text.starts_with("=?")) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return quoted + "\"";
}

std::string date_text(base::Timestamp at) {
  static constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  char out[64];
  std::snprintf(out, sizeof out, "%s, %02u %s %04d %02d:%02d:%02d +0000", kDays[std::chrono::weekday(day).c_encoding()],
                static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return out;
}

struct Sending {
  std::string_view rest;
};

std::size_t give_piece(char* out, std::size_t size, std::size_t count, void* from) {
  auto& rest = static_cast<Sending*>(from)->rest;
  const std::size_t length = std::min(size * count, rest.size());
  std::memcpy(out, rest.data(), length);
  rest.remove_prefix(length);
  return length;
}

}  // namespace

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.find('@');
  return text.size() <= 254 && at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.front() != '-' &&
         text.find('@', at + 1) == std::string_view::npos && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && std::string_view("<>()[]\\,;:\"").find(c) == std::string_view::npos;
         });
}

std::string compose(const Mail& mail) {
  BASE_ASSERT(is_mail_address(mail.from) && is_mail_address(mail.to));
  std::string out;
  out += "Date: " + date_text(mail.at) + "\r\n";
  out += "From: " + (mail.from_name.empty() ? std::string() : phrase(mail.from_name) + " ") + "<" + mail.from + ">\r\n";
  out += "To: <" + mail.to + ">\r\n";
  out += "Subject: " + header_text(mail.subject) + "\r\n";
  out += "Message-ID: <" + mail.id + mail.from.substr(mail.from.find('@')) + ">\r\n";
  // So that absence notes and other robots do not answer (RFC 3834).
  out += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  out += "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  const std::string body = base::base64(mail.body);
  for (std::size_t at = 0; at < body.size(); at += 76) out += body.substr(at, 76) + "\r\n";
  return out;
}

Result<void> send(const Guard& guard, const Trust& trust, const MailServer& server, const Mail& mail, base::Deadline deadline,
                  std::stop_token stop) {
  for (const std::string& address : {mail.from, mail.to}) {
    if (!is_mail_address(address))
      return Error{.code = base::Code::invalid, .reason = "mail.bad_address", .detail = "'" + address + "' is no e-mail address."};
  }
  const std::string message = compose(mail);
  ASSIGN_OR_RETURN(const auto transfer, Transfer::open(guard, trust, server.host, server.port, deadline, std::move(stop)));
  const std::string host = server.host.find(':') == std::string::npos ? server.host : "[" + server.host + "]";
  const std::string url =
      (server.security == MailSecurity::tls ? "smtps://" : "smtp://") + host + ":" + std::to_string(server.port) + "/sluice";
  transfer->set(CURLOPT_URL, url.c_str());
  transfer->set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  transfer->set(CURLOPT_USE_SSL, static_cast<long>(server.security == MailSecurity::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  std::string password;
  if (!server.username.empty()) {
    password = server.password.expose();
    transfer->set(CURLOPT_USERNAME, server.username.c_str());
    transfer->set(CURLOPT_PASSWORD, password.c_str());
    base::wipe_memory(password.data(), password.size());  // libcurl has its own copy
  }
  transfer->set(CURLOPT_MAIL_FROM, ("<" + mail.from + ">").c_str());
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> to(curl_slist_append(nullptr, ("<" + mail.to + ">").c_str()),
                                                                       &curl_slist_free_all);
  transfer->set(CURLOPT_MAIL_RCPT, to.get());
  Sending sending{message};
  transfer->set(CURLOPT_UPLOAD, 1L);
  transfer->set(CURLOPT_READFUNCTION, &give_piece);
  transfer->set(CURLOPT_READDATA, &sending);
  return transfer->perform();
}

}  // namespace sluice::net
