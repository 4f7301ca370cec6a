#include "drivers/http_json/auth.h"
#include "drivers/http_json/batch.h"
#include "drivers/http_json/http_json.h"

namespace sluice::drivers::http_json {

namespace {

constexpr std::size_t kMostShown = 64 * 1024;

}  // namespace

// As text of HTTP: request line, headers, an empty line, the body.
base::Result<std::string> preview_rows(const Target& target, const RowsPlan& plan, const RowBlock& rows) {
  const manifest::HttpService& service = *target.connector->http;
  const Names names(target, &plan, "upsert");
  const Operation operation = compile(service, service.upsert, names, false);
  // The block is the caller's; the batch only looks at it.
  const std::shared_ptr<const RowBlock> block(std::shared_ptr<const RowBlock>(), &rows);
  std::vector<std::size_t> identifying;
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    if (plan.columns[i].identifies) identifying.push_back(i);
  }
  Filler filler(operation, identifying, operation.steps.front().call.prepare({}).body.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (filler.add(block, row) == Filler::Fit::full) break;
  }
  const auto batch = filler.take();
  std::string audience_id;
  if (service.audience) audience_id = text_of(plan.settings.get(service.audience->setting));
  if (audience_id.empty()) audience_id = "<id of the audience>";
  const std::string batch_id = batch_id_of(plan.run_id, *batch);
  Moment moment{.rows = batch->rows_text, .audience_id = audience_id, .batch_id = batch_id};
  if (batch->rows.size() == 1) {
    moment.block = &rows;
    moment.row = batch->rows[0].row;
  }
  Prepared call = operation.steps.front().call.prepare(moment);
  Mask mask(target);
  const Context nowhere;
  const Auth auth(nowhere, target, service, mask);
  auth.sign_for_show(call);
  std::string text = call.method + " " + call.url + "\n";
  for (const auto& [name, value] : call.headers) text += name + ": " + value + "\n";
  if (call.has_body) text += "\n" + call.body;
  return mask.text(text, kMostShown);
}

}  // namespace sluice::drivers::http_json
