// What the owner of an object is called now: the present name of a user or API key, or the name kept with the object and
// "(former user)" when they are gone (ROL-40). Lists and pages show it; records of an act (consent, audit) keep the name of then.
#pragma once

#include <string>
#include <string_view>

namespace sluice::audit {

// SQL for a column of a SELECT, from the columns that hold the id and the kept name. The system itself has no id or the nil id.
inline std::string owner_name(std::string_view id, std::string_view kept_name) {
  const std::string id_text(id);
  const std::string name(kept_name);
  return "COALESCE((SELECT ul.display_name FROM user_labels ul WHERE ul.id = " + id_text + "), CASE WHEN " + id_text + " = '' OR " +
         id_text + " = '00000000-0000-0000-0000-000000000000' THEN " + name + " ELSE " + name + " || ' (former user)' END)";
}

}  // namespace sluice::audit
