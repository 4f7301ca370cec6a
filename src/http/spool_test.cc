#include "http/spool.h"

#include <poll.h>
#include <sys/stat.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "http/test_server.h"

namespace sluice::http::test {
namespace {

using base::Result;
using std::chrono::seconds;

const std::string& large() {
  static const std::string bytes = [] {
    std::string text(64 << 20, '\0');
    std::mt19937_64 random(7);
    for (std::size_t i = 0; i + 8 <= text.size(); i += 8) {
      const std::uint64_t number = random();
      std::memcpy(text.data() + i, &number, 8);
    }
    return text;
  }();
  return bytes;
}

std::string file_text(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

const std::string kPut = "PUT /spool HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx-role: contributor\r\n";

struct SpoolTest : testing::Test {
  TestServer server{{.body_idle_timeout = seconds(1)}};
  std::string content;
  Call seen;
  mode_t mode = 0;

  void SetUp() override {
    server.service.spool_route = [this](Call& call) -> Result<Response> {
      content = file_text(call.spool_path);
      seen = call;
      struct stat status{};
      if (::stat(call.spool_path.c_str(), &status) == 0) mode = status.st_mode & 0777;
      return no_content();
    };
  }
  // The file threads remove the file after the answer; the server's end waits for them.
  void expect_no_files() {
    server.server->stop(seconds(5));
    EXPECT_EQ(server.folder.files(), 0U);
  }
};

TEST_F(SpoolTest, ALargeBodyIsInTheFile) {
  Client client(server.port());
  client.send(kPut + "Content-Length: " + std::to_string(large().size()) + "\r\n\r\n");
  client.send(large());
  EXPECT_EQ(client.read_answer().status, 204);
  EXPECT_TRUE(content == large());
  EXPECT_EQ(seen.spool_bytes, large().size());
  EXPECT_EQ(seen.body, "");
  EXPECT_EQ(mode, 0600U);
  expect_no_files();
}

TEST_F(SpoolTest, ALargeChunkedBodyIsInTheFile) {
  Client client(server.port());
  client.send(kPut + "Transfer-Encoding: chunked\r\n\r\n");
  std::size_t size = 1;
  for (std::size_t at = 0; at < large().size(); at += size, size = size * 7 % 1'000'003 + 1) {
    const std::string_view piece = std::string_view(large()).substr(at, size);
    char line[32];
    const int length = std::snprintf(line, sizeof line, "%zx\r\n", piece.size());
    client.send(std::string(line, static_cast<std::size_t>(length)) + std::string(piece) + "\r\n");
  }
  client.send("0\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 204);
  EXPECT_TRUE(content == large());
  expect_no_files();
}

TEST_F(SpoolTest, AnEmptyBodyIsAnEmptyFile) {
  EXPECT_EQ(server.ask(kPut + "\r\n").status, 204);
  EXPECT_FALSE(seen.spool_path.empty());
  EXPECT_EQ(mode, 0600U);
  EXPECT_EQ(server.ask(kPut + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n").status, 204);
  EXPECT_EQ(seen.spool_bytes, 0U);
  expect_no_files();
}

TEST_F(SpoolTest, ManySmallOnesOnOneConnection) {
  server.service.spool_route = [](Call& call) -> Result<Response> { return ok(file_text(call.spool_path)); };
  Client client(server.port());
  const std::string put = "PUT /spool HTTP/1.1\r\nHost: x\r\nx-role: contributor\r\n";
  std::string all;
  for (int i = 0; i < 20; ++i)
    all += put + (i % 2 == 0 ? "Content-Length: 4\r\n\r\nabcd" : "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n");
  client.send(all);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(client.read_answer().body, "abcd");
  }
  expect_no_files();
}

TEST_F(SpoolTest, NobodyMayFillTheDiskWithoutPermission) {
  Client client(server.port());
  client.send("PUT /spool HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 401);  // before any byte of the body, and without 100
  EXPECT_EQ(server.folder.files(), 0U);
}

TEST_F(SpoolTest, TheLimitOfTheRowHolds) {
  EXPECT_EQ(server.ask(kPut + "Content-Length: 104857601\r\n\r\n").status, 413);
  Client client(server.port());
  client.send(kPut + "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n6400001\r\n");
  EXPECT_EQ(client.read_answer().status, 413);
  expect_no_files();
}

TEST_F(SpoolTest, AClientThatStopsIsCutAndItsFileRemoved) {
  Client client(server.port());
  client.send(kPut + "Content-Length: 10000000\r\n\r\n" + std::string(5'000'000, 'a'));
  EXPECT_EQ(statuses(client.read_to_end()), "408");
  expect_no_files();
}

TEST_F(SpoolTest, AClientThatIsSlowButSteadyIsServed) {
  Client client(server.port());
  client.send(kPut + "Content-Length: 60\r\n\r\n");
  pollfd answered{client.descriptor(), POLLIN, 0};
  // Six seconds with an idle limit of one: longer than a body in memory would be given.
  for (int i = 0; i < 60; ++i) {
    ASSERT_EQ(::poll(&answered, 1, i == 0 ? 0 : 100), 0);
    client.send("a");
  }
  EXPECT_EQ(client.read_answer().status, 204);
  EXPECT_EQ(content, std::string(60, 'a'));
}

TEST_F(SpoolTest, AFileThatWasMovedAwayStays) {
  const std::string kept = server.folder.path() + "/kept";
  server.service.spool_route = [&](Call& call) -> Result<Response> {
    std::filesystem::rename(call.spool_path, kept);
    return no_content();
  };
  EXPECT_EQ(server.ask(kPut + "Content-Length: 4\r\n\r\nabcd").status, 204);
  server.server->stop(seconds(5));
  EXPECT_EQ(file_text(kept), "abcd");
}

TEST_F(SpoolTest, AClientThatLeavesLeavesNoFile) {
  {
    Client client(server.port());
    client.send(kPut + "Content-Length: 10000000\r\n\r\n" + std::string(5'000'000, 'a'));
  }
  expect_no_files();
}

TEST(Spool, AFolderThatIsGoneIsOurFault) {
  TestServer server({.spool_folder = "/nowhere/at/all"});
  const Answer answer = server.ask(kPut + "Content-Length: 4\r\n\r\nabcd");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("/nowhere"), std::string::npos);
}

TEST(Spool, OldFilesAreRemovedAtTheStart) {
  const Folder folder;
  const auto make = [&](const char* name, int hours) {
    const std::string path = folder.path() + "/" + name;
    std::ofstream(path) << "x";
    std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() - std::chrono::hours(hours));
  };
  make("body-old", 25);
  make("body-new", 1);
  make("other-old", 25);
  remove_old_spool_files(folder.path());
  EXPECT_EQ(folder.files(), 2U);
}

}  // namespace
}  // namespace sluice::http::test
