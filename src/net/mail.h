// Mail over SMTP, through the egress guard: one message to one person. compose() makes a message whose headers nobody can add
// to, whatever is in the texts.
#pragma once

#include <array>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "net/guard.h"
#include "net/trust.h"

namespace sluice::net {

using namespace std::string_view_literals;

enum class MailSecurity : std::uint8_t { none, starttls, tls };
constexpr auto enum_names(MailSecurity) { return std::array{"none"sv, "starttls"sv, "tls"sv}; }

struct MailServer {
  std::string host;
  std::uint16_t port = 0;
  MailSecurity security = MailSecurity::starttls;  // starttls: demanded, a server without it gets nothing
  std::string username;                            // empty: no sign-in
  base::Secret password;
};

struct Mail {
  std::string from;       // address
  std::string from_name;  // any text
  std::string to;         // address
  std::string subject;    // any text
  std::string body;       // UTF-8, lines end with \n
  std::string id;         // left part of the Message-ID; the same for every try
  base::Timestamp at{};
};

// An address that may stand in an envelope and a header: local@domain without blanks, brackets, commas or control characters.
bool is_mail_address(std::string_view text);

// The message as RFC 5322 wants it. The addresses must be some.
std::string compose(const Mail& mail);

// Reasons: "mail.bad_address", those of resolve() and dial(), "net.tls", "net.sign_in_refused", "net.timeout", "net.cancelled",
// "net.broken_off".
base::Result<void> send(const Guard& guard, const Trust& trust, const MailServer& server, const Mail& mail, base::Deadline deadline,
                        std::stop_token stop = {});

}  // namespace sluice::net
