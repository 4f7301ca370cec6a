// One transfer of libcurl over a socket that dial() connected: libcurl itself never resolves a name or opens a socket, so the
// guard cannot be walked around, by a redirect or a proxy either. Private to this folder.
#pragma once

#include <curl/curl.h>

#include <array>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "net/guard.h"
#include "net/trust.h"

namespace sluice::net {

// Once a process, before anything else of libcurl.
void initialise_curl();
// "host:port", for messages.
std::string place_of(const std::string& host, std::uint16_t port);
// What went wrong with a transfer to `where`; `why` is what libcurl says.
base::Error transfer_error(CURLcode code, const std::string& where, std::string_view why);

class Transfer {
 public:
  // Resolves and connects. `trust` must outlive the transfer.
  static base::Result<std::unique_ptr<Transfer>> open(const Guard& guard, const Trust& trust, const std::string& host, std::uint16_t port,
                                                      base::Deadline deadline, std::stop_token stop);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  template <class T>
  void set(CURLoption option, T value) {
    if (const CURLcode code = curl_easy_setopt(handle_, option, value); code != CURLE_OK && refused_ == CURLE_OK) refused_ = code;
  }
  void add_header(const std::string& line);
  // Reasons: "net.tls" (the certificate is not valid, or no TLS where it is demanded), "net.timeout", "net.cancelled",
  // "net.sign_in_refused", "net.broken_off".
  base::Result<void> perform();
  long status() const;

 private:
  Transfer(std::string where, int fd, base::Deadline deadline, std::stop_token stop);
  static curl_socket_t hand_over(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int note_connected(void* self, curl_socket_t fd, curlsocktype purpose);
  static int check_stop(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  std::string where_;
  int fd_ = -1;  // until libcurl has it
  base::Deadline deadline_;
  std::stop_token stop_;
  CURL* handle_ = nullptr;
  curl_slist* headers_ = nullptr;
  curl_slist* connect_to_list_ = nullptr;
  CURLcode refused_ = CURLE_OK;
  std::array<char, CURL_ERROR_SIZE> why_{};
};

}  // namespace sluice::net
