#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "manifest/connector.h"
#include "manifest/icon.h"

namespace sluice::manifest {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifest = R"(manifest: 1
id: parrots
title: Parrots
subtitle: Tells them
summary: Sends members to parrots.
category: custom_data
serves: [export]
status: preview
driver: http_json
verify: none
payload: segments
consent: { version: 1, target: the parrots, text: I agree. }
connection: { fields: [{ name: key, type: secret, title: Key }] }
mapping: { attributes: [{ name: email, title: Email, required: true, normalise: email }], identifier: [email] }
http:
  base: https://parrots.example.com
  auth: { kind: bearer, value: "${key}" }
  upsert: { rows: 10, steps: [{ request: { method: POST, path: /, body: "${rows}" }, row: { email: "${email}" } }] }
)";
constexpr std::string_view kIcon = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#123" d="M2 2h9z"/></svg>)";

constexpr std::string_view kRichIcon = R"x(<svg xmlns="http://www.w3.org/2000/svg">
  <!-- a comment -->
  <defs><linearGradient id="a"><stop offset="0"/></linearGradient></defs>
  <g fill="url(#a)"><use href="#b"/></g><title>Parrots</title>
</svg>
)x";

class Folders : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "sluice-types-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& path, std::string_view bytes) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << bytes;
  }
  void add(const std::string& folder, std::string_view from = "", std::string_view to = "") {
    std::string yaml(kManifest);
    yaml.replace(yaml.find("id: parrots"), 11, "id: " + folder);
    if (!from.empty()) yaml.replace(yaml.find(from), from.size(), to);
    write(folder + "/manifest.yaml", yaml);
    write(folder + "/icon.svg", kIcon);
    write(folder + "/help.md", "# Parrots\n");
  }
  Registry load() {
    Registry registry = *Registry::from_files(embedded::connectors());
    built_in_ = registry.all().size();
    registry.add_folder(root_.string());
    return registry;
  }
  void expect_fault(const Registry& registry, std::string_view folder, std::string_view needle) {
    for (const FolderFault& fault : registry.faults()) {
      if (fault.folder == folder) EXPECT_NE(fault.detail.find(needle), std::string::npos) << fault.detail;
    }
    EXPECT_TRUE(std::any_of(registry.faults().begin(), registry.faults().end(), [&](const FolderFault& f) { return f.folder == folder; }))
        << "no fault of " << folder;
  }

  fs::path root_;
  std::size_t built_in_ = 0;
};

TEST_F(Folders, DIS_12_a_folder_of_the_operator_is_a_type_and_owns_its_texts) {
  add("parrots");
  const Registry registry = load();
  EXPECT_TRUE(registry.faults().empty()) << registry.faults().front().detail;
  fs::remove_all(root_);
  const Connector* connector = registry.find("parrots");
  ASSERT_NE(connector, nullptr);
  EXPECT_TRUE(connector->community);
  EXPECT_EQ(connector->icon_svg, kIcon);
  EXPECT_EQ(connector->help_markdown, "# Parrots\n");
  EXPECT_FALSE(registry.find("sftp")->community);
  std::string last;
  for (const Connector& one : registry.all()) {
    EXPECT_LT(base::fold_case(last), base::fold_case(one.title));
    last = one.title;
  }
}

TEST_F(Folders, a_fault_names_file_line_and_key_and_stops_nothing_else) {
  add("a_key", "verify: none", "verifi: none");
  add("good");
  add("sftp");
  add("folder_driver", "driver: http_json", "driver: folder");
  add("renamed", "id: renamed", "id: other");
  add("scripted");
  write("scripted/icon.svg", "<svg><script>alert(1)</script></svg>");
  add("no_help");
  fs::remove(root_ / "no_help/help.md");
  add("big");
  write("big/manifest.yaml", "# " + std::string(300 * 1024, 'x'));
  write("empty/readme", "nothing");
  write(".hidden/readme", "nothing");
  const Registry registry = load();
  EXPECT_EQ(registry.all().size(), built_in_ + 1);
  EXPECT_NE(registry.find("good"), nullptr);
  EXPECT_FALSE(registry.find("sftp")->community);
  EXPECT_EQ(registry.faults().size(), 8U);
  expect_fault(registry, "a_key", "a_key/manifest.yaml:10: /verifi is not a known member");
  expect_fault(registry, "sftp", "sftp/manifest.yaml:2: /id is the id of another type");
  expect_fault(registry, "folder_driver", "/driver");
  expect_fault(registry, "renamed", "renamed/manifest.yaml:2: /id must be the name of its folder");
  expect_fault(registry, "scripted", "scripted/icon.svg may not hold <script>");
  expect_fault(registry, "no_help", "help.md is missing or not a file");
  expect_fault(registry, "big", "manifest.yaml is larger than 256 KiB");
  expect_fault(registry, "empty", "manifest.yaml is missing or not a file");
}

TEST_F(Folders, a_directory_that_is_not_there_is_a_fault_like_any_other) {
  Registry registry = *Registry::from_files(embedded::connectors());
  registry.add_folder((root_ / "absent").string());
  ASSERT_EQ(registry.faults().size(), 1U);
  EXPECT_NE(registry.faults().front().detail.find("cannot be read"), std::string::npos);
  EXPECT_NE(registry.find("sftp"), nullptr);
}

TEST(Icon, is_a_drawing_and_nothing_else) {
  for (const base::EmbeddedFile& file : embedded::connectors()) {
    if (!file.path.ends_with(".svg")) continue;
    const auto icon = check_icon(file.bytes);
    EXPECT_TRUE(icon.ok()) << file.path << ": " << icon.error().detail;
  }
  EXPECT_TRUE(check_icon(kRichIcon).ok());
  for (const char* bad : {
           "",
           "<html/>",
           "<svg><script>alert(1)</script></svg>",
           "<svg><SCRIPT/></svg>",
           "<svg onload=\"x()\"/>",
           "<svg OnLoad='x()'/>",
           "<svg><a href=\"#x\"/></svg>",
           "<svg><use href=\"https://example.com/x.svg#a\"/></svg>",
           "<svg><use xlink:href=\"javascript:x()\"/></svg>",
           "<svg><use href=\"data:image/svg+xml,x\"/></svg>",
           "<svg><foreignObject/></svg>",
           "<svg><style>@import 'x'</style></svg>",
           "<svg style=\"fill: red\"/>",
           "<svg fill=\"url(https://example.com/x)\"/>",
           "<svg fill=\"url('#a')\"/>",
           "<svg><image href=\"x.png\"/></svg>",
           "<svg><set attributeName=\"href\" to=\"x\"/></svg>",
           "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg/>",
           "<svg><!DOCTYPE x></svg>",
           "<svg><?xml-stylesheet href='x'?></svg>",
           "<svg><title>&#60;script</title></svg>",
           "<svg><g></svg>",
           "<svg/><svg/>",
           "<svg width=5/>",
           "<svg width=\"5/>",
           "<svg xmlns=\"http://www.w3.org/1999/xhtml\"/>",
           "<svg><path d=\"\xff\"/></svg>",
       }) {
    EXPECT_FALSE(check_icon(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace sluice::manifest
