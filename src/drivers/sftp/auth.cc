#include "drivers/sftp/auth.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "drivers/paths.h"
#include "drivers/sftp/failure.h"

namespace sluice::drivers::sftp {

namespace {

using base::Error;
using base::Result;

constexpr std::string_view kDoing = "signing in";

std::string method_words(int methods) {
  constexpr std::array<std::pair<int, std::string_view>, 5> kNames = {{{SSH_AUTH_METHOD_PASSWORD, "password"},
                                                                       {SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive"},
                                                                       {SSH_AUTH_METHOD_PUBLICKEY, "private key"},
                                                                       {SSH_AUTH_METHOD_HOSTBASED, "host-based"},
                                                                       {SSH_AUTH_METHOD_GSSAPI_MIC, "Kerberos"}}};
  std::string out;
  for (const auto& [bit, name] : kNames) {
    if ((methods & bit) != 0) out += (out.empty() ? "" : ", ") + std::string(name);
  }
  return out.empty() ? "nothing that is known here" : out;
}

Error refusal(std::string detail, std::string internal) {
  return {.code = base::Code::upstream_rejected,
          .reason = "sftp.refused_credentials",
          .detail = std::move(detail),
          .internal = "signing in: " + std::move(internal)};
}

class SignIn {
 public:
  SignIn(Wire& wire, const std::string& username, const Credentials& credentials)
      : wire_(wire), session_(wire.session()), username_(username), credentials_(credentials) {}

  Result<std::string> run() {
    ASSIGN_OR_RETURN(int status, drive([&] { return ssh_userauth_none(session_, nullptr); }));
    if (status == SSH_AUTH_SUCCESS) return std::string("The server asked for no credentials.");
    // Two at most succeed: a key and a password.
    for (int round = 0; round < 3 && status != SSH_AUTH_SUCCESS; ++round) {
      if (status == SSH_AUTH_ERROR) return broke_off();
      const int offered = ssh_userauth_list(session_, nullptr);
      ASSIGN_OR_RETURN(status, offer_next(offered));
      if (status == SSH_AUTH_DENIED) {
        return refusal("The server refused the sign-in: the " + last_ + " of " + quoted(username_) +
                           " was not accepted. It offers: " + method_words(ssh_userauth_list(session_, nullptr)) + ".",
                       wire_.last_words());
      }
    }
    if (status != SSH_AUTH_SUCCESS) return broke_off();
    return "The server accepted the " + accepted_ + ".";
  }

 private:
  template <class F>
  Result<int> drive(F&& call) {
    return wire_.drive(SSH_AUTH_AGAIN, kDoing, std::forward<F>(call));
  }

  Result<int> offer_next(int offered) {
    if (credentials_.key != nullptr && !key_offered_ && (offered & SSH_AUTH_METHOD_PUBLICKEY) != 0) {
      key_offered_ = true;
      return took("private key", drive([&] { return ssh_userauth_publickey(session_, nullptr, credentials_.key.get()); }));
    }
    constexpr int kByPassword = SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_INTERACTIVE;
    if (credentials_.password != nullptr && !password_offered_ && (offered & kByPassword) != 0) {
      password_offered_ = true;
      if ((offered & SSH_AUTH_METHOD_PASSWORD) != 0) return took("password", by_password());
      return took("password", by_prompts());
    }
    if (accepted_.empty()) {
      return refusal("The server refused the sign-in: it offers only " + method_words(offered) + ".", "no method in common");
    }
    return refusal("The server accepted the " + accepted_ + " and demands more: " + method_words(offered) + ".", "partial success");
  }

  Result<int> took(std::string name, Result<int> status) {
    if (status.ok() && (*status == SSH_AUTH_SUCCESS || *status == SSH_AUTH_PARTIAL))
      accepted_ += (accepted_.empty() ? "" : " and the ") + name;
    last_ = std::move(name);
    return status;
  }

  Result<int> by_password() {
    const PlainText text(credentials_.password->expose());
    return drive([&] { return ssh_userauth_password(session_, nullptr, text.c_str()); });
  }

  // Servers behind PAM may ask for the password instead of taking it. Nobody is here to answer anything else.
  Result<int> by_prompts() {
    const PlainText text(credentials_.password->expose());
    bool answered = false;
    for (;;) {
      ASSIGN_OR_RETURN(const int status, drive([&] { return ssh_userauth_kbdint(session_, nullptr, nullptr); }));
      if (status != SSH_AUTH_INFO) return status;
      const int prompts = ssh_userauth_kbdint_getnprompts(session_);
      if (prompts <= 0) continue;  // an announcement
      char echo = 0;
      const char* prompt = ssh_userauth_kbdint_getprompt(session_, 0, &echo);
      const std::string words = scrub(prompt == nullptr ? "" : prompt, 120);
      if (answered || prompts > 1 || echo != 0) {
        const char* second = prompts > 1 && !answered && echo == 0 ? ssh_userauth_kbdint_getprompt(session_, 1, &echo) : nullptr;
        return refusal("The server asks a further question that nobody is here to answer: \"" +
                           (second == nullptr ? words : scrub(second, 120)) + "\"",
                       "keyboard-interactive: unexpected prompt");
      }
      if (ssh_userauth_kbdint_setanswer(session_, 0, text.c_str()) < 0) return broke_off();
      answered = true;
    }
  }

  Error broke_off() {
    const std::string words = wire_.last_words();
    if (base::ascii_lower(words).find("too many authentication failures") != std::string::npos) {
      return refusal("The server refused the sign-in: too many failed attempts.", words);
    }
    return wire_.lost(kDoing);
  }

  Wire& wire_;
  ssh_session session_;
  const std::string& username_;
  const Credentials& credentials_;
  bool key_offered_ = false;
  bool password_offered_ = false;
  std::string last_;
  std::string accepted_;
};

}  // namespace

Result<std::string> sign_in(Wire& wire, const std::string& username, const Credentials& credentials) {
  wire.start_clock();
  return SignIn(wire, username, credentials).run();
}

}  // namespace sluice::drivers::sftp
