// The rule of a schedule as a person edits it, and as it is sent. The draft keeps what another recurrence uses, so that
// trying one does not lose the other. The server checks again; this only spares a round trip.

import type { Recurrence, ScheduleRule, Weekday } from '../../api/types';
import { browserZone } from '../../lib/format';
import { errorsBelow, type Problem } from '../../lib/problem';
import { texts } from './texts';

export interface RuleDraft {
  recurrence: Recurrence;
  every: string;
  unit: 'minutes' | 'hours';
  weekdays: Weekday[];
  month_days: number[];
  times: string[];
  cron: string;
  time_zone: string;
}

export const kWeekdays: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
export const kMostTimes = 4;
const kLeastMinutes = 5;
const kFirstTime = '06:00';

export const hasTimes = (recurrence: Recurrence): boolean => ['daily', 'weekly', 'monthly'].includes(recurrence);

/** A stored rule opens exactly as it is, also with a zone that this browser does not know. */
export function draftOf(rule: ScheduleRule | null | undefined): RuleDraft {
  return {
    recurrence: rule?.recurrence ?? 'daily',
    every: String(rule?.every ?? 1),
    unit: rule?.unit ?? 'hours',
    weekdays: rule?.weekdays ?? ['mon'],
    month_days: rule?.month_days ?? [1],
    times: rule?.times?.length ? rule.times : [kFirstTime],
    cron: rule?.cron ?? '0 6 * * MON-FRI',
    time_zone: rule?.time_zone ?? browserZone(),
  };
}

export function ruleOf(draft: RuleDraft): ScheduleRule {
  const { recurrence, time_zone } = draft;
  const times = { times: draft.times };
  switch (recurrence) {
    case 'interval':
      return { recurrence, every: Number(draft.every), unit: draft.unit, time_zone };
    case 'daily':
      return { recurrence, ...times, time_zone };
    case 'weekly':
      return { recurrence, weekdays: kWeekdays.filter((day) => draft.weekdays.includes(day)), ...times, time_zone };
    case 'monthly':
      return { recurrence, month_days: [...draft.month_days].sort((a, b) => a - b), ...times, time_zone };
    case 'cron':
      return { recurrence, cron: draft.cron.trim(), time_zone };
  }
}

/** Whether two rules start the same, however their members are ordered. */
export function sameRule(a: ScheduleRule | null | undefined, b: ScheduleRule | null | undefined): boolean {
  const text = (rule: ScheduleRule | null | undefined) => JSON.stringify(rule ? ruleOf(draftOf(rule)) : null);
  return text(a) === text(b);
}

export type RuleErrors = Record<string, string>;

/** What is wrong with the draft, by the pointer of the member below the rule: "times/1", "weekdays". */
export function checkRule(draft: RuleDraft): RuleErrors {
  const errors: RuleErrors = {};
  if (draft.recurrence === 'interval') {
    const every = Number(draft.every);
    if (!Number.isInteger(every) || every < 1) errors.every = texts.every_whole;
    else if (draft.unit === 'minutes' && every < kLeastMinutes) errors.every = texts.every_least(kLeastMinutes);
  }
  if (draft.recurrence === 'weekly' && draft.weekdays.length === 0) errors.weekdays = texts.weekdays_none;
  if (draft.recurrence === 'monthly' && draft.month_days.length === 0) errors.month_days = texts.month_days_none;
  if (draft.recurrence === 'cron' && !draft.cron.trim()) errors.cron = texts.cron_none;
  if (hasTimes(draft.recurrence)) {
    draft.times.forEach((time, index) => {
      if (!/^\d\d:\d\d/.test(time)) errors[`times/${index}`] = texts.time_none;
      else if (draft.times.indexOf(time) < index) errors[`times/${index}`] = texts.time_twice;
    });
  }
  if (!draft.time_zone) errors.time_zone = texts.zone_none;
  return errors;
}

/** The server's complaints about a rule, whatever the body it was sent in. */
export const ruleErrors = (problem: Problem | null): RuleErrors => errorsBelow(problem, 'rule', 'schedule/rule');

/** The complaint about a member or about a part of it. */
export const errorOf = (errors: RuleErrors, member: string): string | undefined =>
  errors[member] ?? Object.entries(errors).find(([pointer]) => pointer.startsWith(`${member}/`))?.[1];
