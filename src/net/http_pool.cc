#include "net/http_pool.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/assert.h"
#include "net/received.h"
#include "net/transfer.h"
#include "net/wait.h"

namespace sluice::net {

namespace {

using base::Error;
using base::Result;
using std::chrono::milliseconds;

constexpr std::size_t kMostUrlCharacters = 16'000;  // some services take lists of ids in it
constexpr std::size_t kBytesPerMillisecond = 64;    // a body that goes out slower than this is stuck

struct HandleFree {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

}  // namespace

struct HttpPool::State {
  struct Call {
    State* pool = nullptr;
    std::uint64_t tag = 0;
    std::unique_ptr<CURL, HandleFree> handle;
    std::unique_ptr<curl_slist, ListFree> headers;
    HttpUrl url;
    Receiving receiving;
    std::optional<Error> dial_error;
    std::array<char, CURL_ERROR_SIZE> why{};
    base::Deadline::Steady::time_point started;
  };

  const Guard& guard;
  const Trust& trust;
  Options options;
  std::stop_token stop;
  StopSignal signal;
  CURLM* multi = nullptr;
  std::unique_ptr<curl_slist, ListFree> connect_to;
  std::map<std::string, Resolved> addresses;  // by host
  std::vector<std::unique_ptr<Call>> calls;   // in flight
  std::vector<std::unique_ptr<CURL, HandleFree>> idle;

  State(const Guard& guard_in, const Trust& trust_in, Options options_in, std::stop_token stop_in)
      : guard(guard_in), trust(trust_in), options(options_in), stop(stop_in), signal(std::move(stop_in)) {
    initialise_curl();
    multi = curl_multi_init();
    BASE_ASSERT(multi != nullptr);
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(options.connections));
    // Any address will do, since open_socket() hands over a connected socket: it only keeps libcurl from asking a name server.
    connect_to.reset(curl_slist_append(nullptr, "::127.0.0.1:"));
  }
  ~State() {
    for (const auto& call : calls) curl_multi_remove_handle(multi, call->handle.get());
    calls.clear();
    idle.clear();
    curl_multi_cleanup(multi);
  }

  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr*) {
    Call& call = *static_cast<Call*>(self);
    auto fd = call.pool->connect(call.url);
    if (fd.ok()) return *fd;
    call.dial_error = std::move(fd).error();
    return CURL_SOCKET_BAD;
  }
  static int note_connected(void*, curl_socket_t, curlsocktype) { return CURL_SOCKOPT_ALREADY_CONNECTED; }

  Result<int> connect(const HttpUrl& url) {
    const base::Deadline deadline = base::Deadline::after(options.connect);
    auto found = addresses.find(url.host);
    if (found == addresses.end()) {
      ASSIGN_OR_RETURN(Resolved resolved, resolve(url.host, deadline, stop));
      found = addresses.emplace(url.host, std::move(resolved)).first;
    }
    return dial(guard, url.host, url.port, found->second, deadline, stop);
  }

  std::unique_ptr<CURL, HandleFree> take_handle() {
    if (idle.empty()) return std::unique_ptr<CURL, HandleFree>(curl_easy_init());
    auto handle = std::move(idle.back());
    idle.pop_back();
    curl_easy_reset(handle.get());
    return handle;
  }

  void set_up(Call& call, const PoolRequest& request);
  void add_headers(Call& call, const PoolRequest& request);
  PoolDone finish(Call& call, CURLcode code);
  std::vector<PoolDone> collect();
};

void HttpPool::State::add_headers(Call& call, const PoolRequest& request) {
  curl_slist* list = nullptr;
  // An empty value is sent as "name;" to libcurl, which would otherwise leave the header out.
  for (const auto& [name, value] : request.headers)
    list = curl_slist_append(list, value.empty() ? (name + ";").c_str() : (name + ": " + value).c_str());
  if (request.has_body) list = curl_slist_append(list, "Expect:");  // a wait for nothing
  call.headers.reset(list);
}

void HttpPool::State::set_up(Call& call, const PoolRequest& request) {
  CURL* const handle = call.handle.get();
  add_headers(call, request);
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(handle, CURLOPT_CONNECT_TO, connect_to.get());
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &State::open_socket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &call);
  curl_easy_setopt(handle, CURLOPT_SOCKOPTFUNCTION, &State::note_connected);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");  // nothing of the environment
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, call.why.data());
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  curl_easy_setopt(handle, CURLOPT_UPLOAD_BUFFERSIZE, 512L * 1024);
  curl_easy_setopt(handle, CURLOPT_PRIVATE, &call);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &call.receiving);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &take_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &call.receiving);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, call.headers.get());
  const auto extra = static_cast<long>(request.body.size() / kBytesPerMillisecond);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, std::max<long>(1, request.timeout.count() + extra));
  // Servers want the length of a POST, be it 0.
  if (request.has_body || request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data() != nullptr ? request.body.data() : "");
  }
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.method == "HEAD") curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  if (!trust.authorities.empty()) {
    curl_blob blob{const_cast<char*>(trust.authorities.data()), trust.authorities.size(), CURL_BLOB_NOCOPY};
    curl_easy_setopt(handle, CURLOPT_CAINFO_BLOB, &blob);
  }
}

PoolDone HttpPool::State::finish(Call& call, CURLcode code) {
  PoolDone done{.tag = call.tag, .took = std::chrono::duration_cast<milliseconds>(base::Deadline::Steady::now() - call.started)};
  CURL* const handle = call.handle.get();
  if (code == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    call.receiving.answer.status = status;
    done.answer = std::move(call.receiving.answer);
    return done;
  }
  long sent = 0;
  curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &sent);
  done.is_sent = sent > 0;
  if (call.receiving.is_too_large) {
    done.answer = answer_too_large(call.url.host, call.receiving.most_bytes);
  } else if (call.dial_error) {
    done.answer = *std::move(call.dial_error);
  } else {
    const std::string_view why = call.why[0] != '\0' ? std::string_view(call.why.data()) : curl_easy_strerror(code);
    done.answer = transfer_error(code, place_of(call.url.host, call.url.port), why);
  }
  return done;
}

std::vector<PoolDone> HttpPool::State::collect() {
  std::vector<PoolDone> out;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // `message` dies with the handle's removal
    void* found = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &found);
    const auto at = std::find_if(calls.begin(), calls.end(), [&](const auto& one) { return one.get() == found; });
    BASE_ASSERT(at != calls.end());
    out.push_back(finish(**at, code));
    curl_multi_remove_handle(multi, (*at)->handle.get());
    idle.push_back(std::move((*at)->handle));
    calls.erase(at);
  }
  return out;
}

HttpPool::HttpPool(const Guard& guard, const Trust& trust, Options options, std::stop_token stop)
    : state_(std::make_unique<State>(guard, trust, options, std::move(stop))) {}
HttpPool::~HttpPool() = default;

std::size_t HttpPool::in_flight() const { return state_->calls.size(); }

Result<void> HttpPool::start(const PoolRequest& request, std::uint64_t tag) {
  auto call = std::make_unique<State::Call>();
  ASSIGN_OR_RETURN(call->url, parse_http_url(request.url, kMostUrlCharacters));
  RETURN_IF_ERROR(check_headers(request.headers));
  call->pool = state_.get();
  call->tag = tag;
  call->receiving.most_bytes = request.most_answer_bytes;
  call->started = base::Deadline::Steady::now();
  call->handle = state_->take_handle();
  BASE_ASSERT(call->handle != nullptr);
  state_->set_up(*call, request);
  curl_multi_add_handle(state_->multi, call->handle.get());
  state_->calls.push_back(std::move(call));
  return {};
}

std::vector<PoolDone> HttpPool::look() {
  int running = 0;
  curl_multi_perform(state_->multi, &running);
  return state_->collect();
}

std::vector<PoolDone> HttpPool::wait(base::Deadline deadline) {
  for (;;) {
    auto done = look();
    if (!done.empty() || deadline.passed() || state_->signal.stopped()) return done;
    curl_waitfd stop{.fd = state_->signal.fd(), .events = CURL_WAIT_POLLIN, .revents = 0};
    const bool has_signal = stop.fd >= 0;
    const auto left = std::min<std::int64_t>(deadline.remaining().count() + 1, has_signal ? 60'000 : 100);
    curl_multi_poll(state_->multi, has_signal ? &stop : nullptr, has_signal ? 1 : 0, static_cast<int>(left), nullptr);
  }
}

std::vector<PoolDone> HttpPool::break_off() {
  std::vector<PoolDone> out = look();
  for (const auto& call : state_->calls) {
    out.push_back(state_->finish(*call, CURLE_ABORTED_BY_CALLBACK));
    curl_multi_remove_handle(state_->multi, call->handle.get());
  }
  state_->calls.clear();
  return out;
}

}  // namespace sluice::net
