// The RowSession of this driver; see postgresql.h for what it does with rows.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "drivers/driver.h"
#include "drivers/postgresql/parcel.h"
#include "drivers/postgresql/table.h"
#include "drivers/postgresql/wire.h"

namespace sluice::drivers::postgresql {

class Rows : public RowSession {
 public:
  Rows(std::unique_ptr<Wire> wire, Table table, bool compare, RowEvents events);
  ~Rows() override = default;

  base::Result<void> upsert(std::shared_ptr<const RowBlock> rows) override { return take(std::move(rows), Work::upsert); }
  base::Result<void> remove(std::shared_ptr<const RowBlock> rows) override { return take(std::move(rows), Work::remove); }
  base::Result<void> flush() override;
  // Whoever opened the session has made the temporary table already.
  void rows_are_staged() { staged_rows_ = true; }

 private:
  enum class Work : std::uint8_t { none, upsert, remove };
  struct Part {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  // Of rows that were refused, each by itself or, when the search was given up, together.
  struct Refused {
    Part part;
    Refusal refusal;
    bool alone = true;
  };

  base::Result<void> take(std::shared_ptr<const RowBlock> rows, Work work);
  base::Result<void> stage(Work work);
  base::Result<void> deliver();
  base::Result<void> deliver_part(Part part);
  base::Result<Reply> send(Part part);
  base::Result<std::optional<Refusal>> commit(Part part);
  base::Result<void> search(Part part, const Refusal& first);
  base::Result<void> answer(Part part, const std::vector<Refused>& refused);
  base::Result<void> answer_alike(Part part, RowState state, std::string_view reason, std::string_view detail);
  base::Result<void> reject_nameless();
  bool blames(const Refusal& refusal) const;
  std::string_view doing() const { return work_ == Work::remove ? "removing rows" : "writing rows"; }

  std::unique_ptr<Wire> wire_;
  const Table table_;
  const bool compare_;
  const RowEvents events_;
  Work work_ = Work::none;
  bool staged_rows_ = false, staged_keys_ = false;
  bool warned_ = false;
  Parcel parcel_;
  std::size_t most_rows_;
  std::vector<std::size_t> all_columns_;
  std::size_t attempts_ = 0;  // of the searches of this session
};

}  // namespace sluice::drivers::postgresql
