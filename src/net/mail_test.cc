#include "net/mail.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace sluice::net {
namespace {

Mail mail() {
  return {.from = "sluice@example.com",
          .from_name = "Prod",
          .to = "ada@example.com",
          .subject = "Hello",
          .body = "Body\n",
          .id = "id-1",
          .at = *base::parse_rfc3339("2026-11-25T09:04:05Z")};
}

std::string head_of(const std::string& message) { return message.substr(0, message.find("\r\n\r\n") + 2); }

TEST(Mail, SYS_24_a_message_as_mail_servers_want_it) {
  EXPECT_EQ(compose(mail()),
            "Date: Wed, 25 Nov 2026 09:04:05 +0000\r\nFrom: \"Prod\" <sluice@example.com>\r\nTo: <ada@example.com>\r\nSubject: Hello\r\n"
            "Message-ID: <id-1@example.com>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nQm9keQo=\r\n");
}

TEST(Mail, SYS_24_no_text_adds_a_header) {
  Mail evil = mail();
  evil.subject = "x\r\nBcc: eve@example.com\r\n\r\nbody";
  evil.from_name = "a\" <eve@example.com>, \"b\nX: y";
  const std::string head = head_of(compose(evil));
  EXPECT_EQ(head.find("\r\nBcc"), std::string::npos);
  EXPECT_EQ(head.find("\nX: y"), std::string::npos);
  EXPECT_EQ(head.find("eve@"), std::string::npos);
  evil.from_name = "a\" <eve@example.com>, \"b";
  EXPECT_NE(compose(evil).find("From: \"a\\\" <eve@example.com>, \\\"b\" <sluice@example.com>\r\n"), std::string::npos);
}

TEST(Mail, SYS_24_long_and_foreign_subjects_are_encoded_words_that_hold_whole_characters) {
  Mail foreign = mail();
  for (int i = 0; i < 40; ++i) foreign.subject += "ü€😀";
  const std::string head = head_of(compose(foreign));
  std::string decoded;
  std::size_t at = head.find("Subject: ") + 9;
  while (head.compare(at, 10, "=?utf-8?B?") == 0) {
    const std::size_t end = head.find("?=", at);
    const auto word = base::parse_base64(head.substr(at + 10, end - at - 10));
    ASSERT_TRUE(word.has_value());
    EXPECT_TRUE(base::is_valid_utf8(*word));
    EXPECT_LE(end + 2 - at, 75U);
    decoded += *word;
    at = end + 5;  // "?=", CR, LF, blank
  }
  EXPECT_EQ(decoded, foreign.subject);
}

TEST(Mail, SYS_24_addresses_that_could_mean_more_are_refused) {
  for (const char* good : {"a@b", "first.last+tag@sub.example.com", "o'neil@example.com", "jürgen@example.com"})
    EXPECT_TRUE(is_mail_address(good)) << good;
  for (const char* bad : {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nX: y", "<a@b>", "a@b,c@d", "a@b>", "-a@b", "\"a\"@b", "a@b\x7f"})
    EXPECT_FALSE(is_mail_address(bad)) << bad;
}

}  // namespace
}  // namespace sluice::net
