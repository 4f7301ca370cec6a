// The texts of the shell, and the list of all resource files: translate these and the whole app is translated.

import { texts as audit } from '../features/audit/texts';
import { texts as connections } from '../features/connections/texts';
import { texts as exports_ } from '../features/exports/texts';
import { texts as help } from '../features/help/texts';
import { texts as home } from '../features/home/texts';
import { texts as notices } from '../features/notices/texts';
import { texts as runs } from '../features/runs/texts';
import { texts as schedules } from '../features/schedules/texts';
import { texts as segments } from '../features/segments/texts';
import { texts as session } from '../features/session/texts';
import { texts as system } from '../features/system/texts';
import { texts as tables } from '../features/tables/texts';
import { texts as common } from '../lib/texts';
import { texts as shell } from './shell-texts';

export const resources = {
  common,
  shell,
  audit,
  connections,
  exports: exports_,
  help,
  home,
  notices,
  runs,
  schedules,
  segments,
  session,
  system,
  tables,
};
