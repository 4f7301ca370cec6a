#include "drivers/paths.h"
#include "drivers/postgresql/failure.h"
#include "drivers/postgresql/opening.h"
#include "drivers/postgresql/postgresql.h"
#include "drivers/steps.h"

namespace sluice::drivers::postgresql {

namespace {

// A row takes the way that a run's rows take, into a table that nobody else sees and that is gone afterwards.
base::Result<Finding> probe(Wire& wire) {
  RETURN_IF_ERROR(wire.must_run("BEGIN; CREATE TEMPORARY TABLE sluice_probe (n integer) ON COMMIT DROP", "making a temporary table"));
  ASSIGN_OR_RETURN(const Reply copied, wire.copy("COPY pg_temp.sluice_probe FROM STDIN", [](std::string& text) {
    text = "1\n";
    return false;
  }));
  if (copied.refusal) return refused(*copied.refusal, "take a row");
  RETURN_IF_ERROR(wire.must_run("ROLLBACK", "taking the probe back"));
  return Finding{"A row went into a temporary table, and out again."};
}

}  // namespace

std::vector<Step> verify(const Context& given, const Target& target, const std::function<void(const Step&)>& report) {
  Context context = given;
  // A person is waiting: what a run would bear with is too long here.
  context.patience.stall = std::min(context.patience.stall, context.patience.step);
  Opening opening(context, target);
  Steps steps(report, &advice_for);
  const auto run = [&](std::string_view name, std::string title, base::Result<std::string> (Opening::*work)(base::Deadline)) {
    steps.run(name, std::move(title), [&]() -> base::Result<Finding> {
      ASSIGN_OR_RETURN(std::string detail, (opening.*work)(context.deadline.at_most(context.patience.step)));
      return Finding{std::move(detail)};
    });
  };
  run("resolve", "Find " + scrub(target.text("host")), &Opening::resolve);
  run("connect", "Connect to " + opening.place(), &Opening::connect);
  run("sign_in", "Sign in as " + scrub(opening.username()), &Opening::sign_in);
  steps.run("permission", "Look at the rights in the schema " + scrub(opening.schema()), [&]() -> base::Result<Finding> {
    ASSIGN_OR_RETURN(std::string detail, opening.check_rights());
    return Finding{std::move(detail)};
  });
  steps.run("write", "Write a row", [&] { return probe(opening.wire()); });
  return steps.take();
}

}  // namespace sluice::drivers::postgresql
