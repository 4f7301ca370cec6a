#include "support/sshd.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <utility>

extern char** environ;

namespace sluice::test {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

namespace {

std::string read_line(int fd) {
  std::string line;
  char c = 0;
  while (read(fd, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

}  // namespace

Sshd Sshd::start(const std::vector<std::string>& options) {
  Sshd out;
  if (geteuid() != 0) {
    out.why_not_ = "an SSH server with an account of its own needs root";
    return out;
  }
  int input[2] = {-1, -1};
  int output[2] = {-1, -1};
  if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) return out;
  std::vector<std::string> words = {"python3", SLUICE_TEST_SSHD};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, "python3", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(input[0]);
  close(output[1]);
  out.input_ = input[1];
  const std::string line = failed == 0 ? read_line(output[0]) : std::string();
  close(output[0]);
  const auto info = base::json::parse(line.empty() ? "null" : line);
  if (info.ok() && info->as_object() != nullptr) {
    out.pid_ = pid;
    out.info_ = *info->as_object();
    return out;
  }
  out.why_not_ = "sshd.py did not start a server; see its words above";
  if (failed == 0) waitpid(pid, nullptr, 0);
  return out;
}

Sshd::Sshd(Sshd&& other) noexcept
    : info_(std::move(other.info_)),
      why_not_(std::move(other.why_not_)),
      pid_(std::exchange(other.pid_, -1)),
      input_(std::exchange(other.input_, -1)) {}

Sshd::~Sshd() {
  if (input_ >= 0) close(input_);  // this is what ends it
  if (pid_ > 0) waitpid(pid_, nullptr, 0);
}

std::string Sshd::private_key(std::string_view name) const {
  return read_file(std::string(info_.get("private_keys").as_object()->get(name).text()));
}

std::string Sshd::log() const { return read_file(text("log")); }

}  // namespace sluice::test
