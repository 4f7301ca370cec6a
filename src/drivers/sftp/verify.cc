#include "drivers/paths.h"
#include "drivers/probe.h"
#include "drivers/sftp/failure.h"
#include "drivers/sftp/opening.h"
#include "drivers/sftp/sftp.h"
#include "drivers/steps.h"

namespace sluice::drivers::sftp {

std::vector<Step> verify(const Context& given, const Target& target, const std::function<void(const Step&)>& report) {
  Context context = given;
  // A person is waiting: what a run would bear with is too long here.
  context.patience.stall = std::min(context.patience.stall, context.patience.step);
  Opening opening(context, target);
  Steps steps(report, &advice_for);
  const auto run = [&](std::string_view name, std::string title, base::Result<std::string> (Opening::*work)(base::Deadline)) {
    return steps.run(name, std::move(title), [&]() -> base::Result<Finding> {
      ASSIGN_OR_RETURN(std::string detail, (opening.*work)(context.deadline.at_most(context.patience.step)));
      return Finding{std::move(detail)};
    });
  };
  run("resolve", "Find " + scrub(target.text("host")), &Opening::resolve);
  run("connect", "Connect to " + opening.place(), &Opening::connect);

  std::optional<Proposal> proposal;
  steps.run(
      "host_key", "Check the host key",
      [&]() -> base::Result<Finding> {
        auto checked = opening.check_host_key(context.deadline.at_most(context.patience.step));
        if (checked.ok()) return Finding{*std::move(checked)};
        if (opening.host_key())
          proposal = Proposal{.field = "host_key", .value = opening.host_key()->fingerprint, .title = "Pin this host key"};
        return std::move(checked).error();
      },
      &proposal);

  run("sign_in", "Sign in as " + scrub(opening.username()), &Opening::sign_in);
  run("folder", opening.folder().empty() ? "Open the landing folder" : "Open the folder " + scrub(opening.folder()), &Opening::open_folder);
  std::unique_ptr<FileSession> session;
  if (!steps.failed()) session = opening.take(context.deadline);
  probe(steps, session);
  return steps.take();
}

}  // namespace sluice::drivers::sftp
