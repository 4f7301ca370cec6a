import type { ModelEntity } from '../../api/types';

/** Files of a chosen folder know their path in it; files chosen one by one only their name. */
const pathOf = (file: File): string => file.webkitRelativePath || file.name;

/** The file a partition of model.json names, relative to model.json's own folder. */
export function fileAt(location: string, model: File, files: File[]): File | undefined {
  const folder = pathOf(model).slice(0, -'model.json'.length);
  const wanted = folder + decoded(location);
  return files.find((f) => pathOf(f) === wanted) ?? files.find((f) => !f.webkitRelativePath && f.name === decoded(location).split('/').pop());
}

/** The first partition whose file was not chosen. */
export function missingFile(entity: ModelEntity, model: File, files: File[]): string | undefined {
  return entity.partitions.find((p) => !fileAt(p.location, model, files))?.location;
}

function decoded(location: string): string {
  try {
    return decodeURIComponent(location);
  } catch {
    return location;
  }
}
