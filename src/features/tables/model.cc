// model.json of a Common Data Model folder as something to import from.
#include "data/model_json.h"
#include "features/tables/rules.h"

namespace sluice::tables::rules {

namespace {

ModelEntity to_entity(const data::CdmEntity& cdm) {
  ModelEntity entity{.name = cdm.name, .not_importable = cdm.not_importable};
  for (const data::CdmPartition& partition : cdm.partitions) {
    const std::string delimiter = partition.delimiter == '\t' ? "tab" : std::string(1, partition.delimiter);
    const bool differs = !entity.partitions.empty() && (delimiter != entity.delimiter || partition.has_header != entity.has_header);
    if (entity.not_importable) break;
    if (partition.absolute)
      entity.not_importable = "The partition " + partition.name + " lies at " + partition.location + ", not in this folder.";
    else if (differs)
      entity.not_importable = "Its partitions differ in delimiter or header.";
    entity.delimiter = delimiter;
    entity.has_header = partition.has_header;
    entity.partitions.push_back({partition.location});
  }
  if (entity.partitions.empty() && !entity.not_importable) entity.not_importable = "It has no partitions.";
  for (std::size_t i = 0; i < cdm.attributes.size(); ++i) {
    const data::CdmAttribute& attribute = cdm.attributes[i];
    // Without a header the columns of the file are named by their place.
    const std::string source = entity.has_header ? attribute.name : "column_" + std::to_string(i + 1);
    entity.columns.push_back({source, attribute.name, attribute.type, true});
  }
  return entity;
}

}  // namespace

base::Result<Model> describe_model(std::string_view text) {
  ASSIGN_OR_RETURN(const data::CdmModel cdm, data::parse_model_json(text));
  Model model{.name = cdm.name, .entities = {}};
  for (const data::CdmEntity& entity : cdm.entities) model.entities.push_back(to_entity(entity));
  return model;
}

}  // namespace sluice::tables::rules
