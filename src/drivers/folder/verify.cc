#include "drivers/folder/folder.h"
#include "drivers/paths.h"
#include "drivers/probe.h"
#include "drivers/steps.h"

namespace sluice::drivers::folder {

namespace {

std::optional<std::string> advice_for(const base::Error& error) {
  if (error.reason == "folder.no_space") return "Free some space on the disk of this server, or mount a larger one at the export folder.";
  if (error.reason == "folder.permission_denied") return "Give the account that runs this server the right to write there.";
  if (error.reason == "folder.link_in_path") return "Remove what stands in the way on the server, or choose another folder.";
  if (error.reason == "folder.bad_path") return "Write a path below the export folder, such as partners/acme.";
  return std::nullopt;
}

}  // namespace

std::vector<Step> verify(const Context& context, const Target& target, const std::function<void(const Step&)>& report) {
  Steps steps(report, &advice_for);
  std::unique_ptr<FileSession> session;
  steps.run("folder", "Open the folder " + scrub(target.text("folder")), [&]() -> base::Result<Finding> {
    ASSIGN_OR_RETURN(session, open_files(context, target));
    return Finding{"The folder is there."};
  });
  probe(steps, session);
  return steps.take();
}

}  // namespace sluice::drivers::folder
