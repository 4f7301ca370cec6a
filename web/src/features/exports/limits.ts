// What a service takes, against what is ticked (EXP-31, EXP-32): said before saving, and checked again by the server.

import type { ConnectionType, ExportableTable } from '../../api/types';
import { texts } from './texts';

export interface LimitFindings {
  /** By name of the segment. */
  rows: Record<string, { is_error: boolean; text: string }>;
  /** Nothing can be saved with these. */
  errors: string[];
  warnings: string[];
}

export function checkLimits(type: ConnectionType | undefined, segments: ExportableTable[]): LimitFindings {
  const found: LimitFindings = { rows: {}, errors: [], warnings: [] };
  const { most_rows, fewest_rows, counted, strict } = type?.limits ?? {};
  if (!type || type.payload !== 'segments') return found;
  let sum = 0;
  for (const segment of segments) {
    const members = segment.rows;
    if (members === null || members === undefined) continue;
    sum += members;
    if (fewest_rows && members < fewest_rows) {
      found.rows[segment.name] = { is_error: true, text: texts.too_small };
      found.errors.push(texts.below_fewest(segment.display_name, members, type.title, fewest_rows));
    } else if (most_rows && counted === 'segment' && members > most_rows) {
      found.rows[segment.name] = { is_error: false, text: texts.too_large };
      found.warnings.push(texts.above_most(segment.display_name, members, type.title, most_rows, strict !== false));
    }
  }
  if (most_rows && counted !== 'segment' && sum > most_rows) found.warnings.push(texts.sum_above_most(sum, type.title, most_rows, strict !== false));
  return found;
}
