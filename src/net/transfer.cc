#include "net/transfer.h"

#include <unistd.h>

#include <mutex>
#include <utility>

namespace sluice::net {

namespace {

// What the other side or libcurl said, fit for a person: one line, no control characters, not endless.
std::string line_of(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, 200)) line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return line;
}

}  // namespace

void initialise_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

std::string place_of(const std::string& host, std::uint16_t port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

base::Error transfer_error(CURLcode code, const std::string& where, std::string_view said) {
  const std::string why = line_of(said);
  const auto failure = [&](base::Code kind, std::string reason, std::string detail) {
    return base::Error{
        .code = kind, .reason = std::move(reason), .detail = std::move(detail), .internal = "talking to " + where + ": " + why};
  };
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return failure(base::Code::upstream_unavailable, "net.timeout", where + " did not answer in time.");
    case CURLE_ABORTED_BY_CALLBACK:
      return failure(base::Code::cancelled, "net.cancelled", "Stopped while talking to " + where + ".");
    case CURLE_PEER_FAILED_VERIFICATION:
      return failure(
          base::Code::upstream_rejected, "net.tls",
          "The certificate of " + where + " is not valid for it or comes from an authority that is not known here: " + why + ".");
    case CURLE_USE_SSL_FAILED:
      return failure(base::Code::upstream_rejected, "net.tls", where + " does not offer TLS, which is demanded: " + why + ".");
    case CURLE_SSL_CONNECT_ERROR:
      return failure(base::Code::upstream_rejected, "net.tls", "TLS with " + where + " does not come about: " + why + ".");
    case CURLE_LOGIN_DENIED:
      return failure(base::Code::upstream_rejected, "net.sign_in_refused",
                     where + " does not accept the user name and password: " + why + ".");
    default:
      return failure(base::Code::upstream_unavailable, "net.broken_off", where + " broke off or refused: " + why + ".");
  }
}

base::Result<std::unique_ptr<Transfer>> Transfer::open(const Guard& guard, const Trust& trust, const std::string& host, std::uint16_t port,
                                                       base::Deadline deadline, std::stop_token stop) {
  initialise_curl();
  ASSIGN_OR_RETURN(const Resolved resolved, resolve(host, deadline, stop));
  ASSIGN_OR_RETURN(const int fd, dial(guard, host, port, resolved, deadline, stop));
  std::unique_ptr<Transfer> transfer(new Transfer(place_of(host, port), fd, deadline, std::move(stop)));
  if (!trust.authorities.empty()) {
    curl_blob blob{const_cast<char*>(trust.authorities.data()), trust.authorities.size(), CURL_BLOB_NOCOPY};
    transfer->set(CURLOPT_CAINFO_BLOB, &blob);
  }
  return transfer;
}

Transfer::Transfer(std::string where, int fd, base::Deadline deadline, std::stop_token stop)
    : where_(std::move(where)), fd_(fd), deadline_(deadline), stop_(std::move(stop)), handle_(curl_easy_init()) {
  BASE_ASSERT(handle_ != nullptr);
  // Any address will do, since the socket is connected already: it only keeps libcurl from asking a name server.
  connect_to_list_ = curl_slist_append(nullptr, "::127.0.0.1:");
  set(CURLOPT_CONNECT_TO, connect_to_list_);
  set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::hand_over);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_SOCKOPTFUNCTION, &Transfer::note_connected);
  set(CURLOPT_SOCKOPTDATA, this);
  set(CURLOPT_XFERINFOFUNCTION, &Transfer::check_stop);
  set(CURLOPT_XFERINFODATA, this);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, "");  // nothing of the environment
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_ERRORBUFFER, why_.data());
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
}

Transfer::~Transfer() {
  curl_easy_cleanup(handle_);
  curl_slist_free_all(headers_);
  curl_slist_free_all(connect_to_list_);
  if (fd_ >= 0) ::close(fd_);
}

curl_socket_t Transfer::hand_over(void* self, curlsocktype, curl_sockaddr*) {
  return std::exchange(static_cast<Transfer*>(self)->fd_, CURL_SOCKET_BAD);
}

int Transfer::note_connected(void*, curl_socket_t, curlsocktype) { return CURL_SOCKOPT_ALREADY_CONNECTED; }

int Transfer::check_stop(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(self)->stop_.stop_requested() ? 1 : 0;
}

void Transfer::add_header(const std::string& line) {
  BASE_ASSERT(line.find_first_of("\r\n") == std::string::npos);
  headers_ = curl_slist_append(headers_, line.c_str());
  set(CURLOPT_HTTPHEADER, headers_);
}

long Transfer::status() const {
  long status = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

base::Result<void> Transfer::perform() {
  set(CURLOPT_TIMEOUT_MS, std::max<long>(1, deadline_.remaining().count()));
  const CURLcode code = refused_ != CURLE_OK ? refused_ : curl_easy_perform(handle_);
  if (code == CURLE_OK) return {};
  return transfer_error(code, where_, why_[0] != '\0' ? why_.data() : curl_easy_strerror(code));
}

}  // namespace sluice::net
