import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ScheduleRule } from '../../api/types';
import { list, Refused, serve, type Asked } from '../../test/fake-server';
import { renderPage } from '../../test/render';
import { checkRule, draftOf, ruleOf, sameRule } from './rule';
import { ScheduleEditor } from './schedule-editor';
import { useRulePreview } from './use-rule-preview';

afterEach(() => vi.unstubAllGlobals());

const daily: ScheduleRule = { recurrence: 'daily', times: ['06:30'], time_zone: 'Europe/Copenhagen' };
const answer = {
  words: ['Every day at 06:30, Copenhagen time (Europe/Copenhagen).', 'A time that does not exist starts at the next minute that does.'],
  next: ['2026-11-26T05:30:00Z', '2026-11-27T05:30:00Z', '2026-11-28T05:30:00Z', '2026-11-29T05:30:00Z', '2026-11-30T05:30:00Z'],
};

function Harness({ rule, onRule }: { rule: ScheduleRule | null; onRule: (rule: ScheduleRule, valid: boolean) => void }) {
  const [draft, setDraft] = useState(() => draftOf(rule));
  const preview = useRulePreview(draft, true);
  onRule(ruleOf(draft), preview.valid);
  return <ScheduleEditor draft={draft} onChange={setDraft} preview={preview} />;
}

function open(rule: ScheduleRule | null, preview: unknown = answer) {
  const asked = serve({ 'POST /schedules/preview': preview, 'GET /time-zones': list(['Africa/Abidjan', 'America/New_York', 'Europe/Copenhagen', 'UTC']) });
  let last: ScheduleRule | undefined;
  let valid = false;
  const page = renderPage(<Harness rule={rule} onRule={(r, v) => ((last = r), (valid = v))} />);
  return { ...page, asked, rule: () => last, valid: () => valid };
}

const previews = (asked: Asked[]) => asked.filter((a) => a.path === '/schedules/preview').map((a) => (a.body as { rule: ScheduleRule }).rule);
const choose = async (user: ReturnType<typeof open>['user'], name: string) => {
  await user.click(screen.getByRole('combobox', { name: 'Recurrence' }));
  await user.click(await screen.findByRole('option', { name }));
};

describe('the preview', () => {
  it('SCH-25, BEY-17: shows the rule in words and the next five starts in its zone, and in UTC', async () => {
    open(daily);
    expect(await screen.findByText(answer.words[0]!)).toBeVisible();
    expect(screen.getByText(answer.words[1]!)).toBeVisible();
    const starts = within(screen.getByRole('list', { name: 'Next five starts' })).getAllByRole('listitem');
    expect(starts).toHaveLength(5);
    expect(starts[0]).toHaveTextContent('06:30');
    expect(within(starts[0]!).getByTitle(/05:30/)).toBeInTheDocument();
    expect(starts[0]).toHaveTextContent(/05:30.*UTC/);
  });

  it('SCH-25: asks once typing pauses, not for every key', async () => {
    const { user, asked } = open({ recurrence: 'cron', cron: '0 6 * * *', time_zone: 'UTC' });
    await waitFor(() => expect(previews(asked)).toHaveLength(1));
    await user.type(screen.getByRole('textbox', { name: 'Cron expression' }), '-5');
    await waitFor(() => expect(previews(asked).at(-1)?.cron).toBe('0 6 * * *-5'));
    expect(previews(asked)).toHaveLength(2);
  });

  it('UI-07: puts what the server refuses at its field, and such a rule is not valid', async () => {
    const refused = new Refused(422, 'schedule.invalid', { errors: [{ pointer: '/rule/times/0', reason: 'schedule.invalid', detail: 'There is no such time.' }] });
    const { valid } = open(daily, refused);
    expect(await screen.findByText('There is no such time.')).toBeVisible();
    expect(valid()).toBe(false);
  });
});

describe('the rule', () => {
  it('SCH-03, SCH-35: has up to four times a day', async () => {
    const { user, rule, valid } = open(daily);
    for (const [index, time] of ['12:00', '18:00', '23:15'].entries()) {
      await user.click(screen.getByRole('button', { name: 'Add another time' }));
      fireEvent.change(screen.getByLabelText(`Time ${index + 2}`), { target: { value: time } });
    }
    expect(screen.queryByRole('button', { name: 'Add another time' })).not.toBeInTheDocument();
    expect(rule()?.times).toEqual(['06:30', '12:00', '18:00', '23:15']);
    await user.click(screen.getByRole('button', { name: 'Remove 12:00' }));
    expect(rule()?.times).toEqual(['06:30', '18:00', '23:15']);
    fireEvent.change(screen.getByLabelText('Time 2'), { target: { value: '06:30' } });
    expect(screen.getByText('This time is there already.')).toBeVisible();
    expect(valid()).toBe(false);
  });

  it('SCH-16, SCH-17: is weekly on the days whose buttons are pressed, in the order of the week', async () => {
    const { user, rule } = open(daily);
    await choose(user, 'Every week');
    await user.click(screen.getByRole('button', { name: 'Fri' }));
    await user.click(screen.getByRole('button', { name: 'Tue' }));
    expect(screen.getByRole('button', { name: 'Fri' })).toHaveAttribute('aria-pressed', 'true');
    await user.click(screen.getByRole('button', { name: 'Mon' }));
    expect(rule()).toEqual({ recurrence: 'weekly', weekdays: ['tue', 'fri'], times: ['06:30'], time_zone: 'Europe/Copenhagen' });
  });

  it('SCH-17: is monthly on chosen days, and says what a short month does', async () => {
    const { user, rule, valid } = open(daily);
    await choose(user, 'Every month');
    await user.click(screen.getByRole('button', { name: 'Day 31' }));
    expect(screen.getByText(/its last day stands in/)).toBeVisible();
    expect(rule()?.month_days).toEqual([1, 31]);
    await user.click(screen.getByRole('button', { name: 'Day 31' }));
    await user.click(screen.getByRole('button', { name: 'Day 1' }));
    expect(screen.getByRole('alert')).toHaveTextContent('Choose at least one day.');
    expect(valid()).toBe(false);
  });

  it('SCH-17: runs every n minutes or hours, with five minutes between starts at least', async () => {
    const { user, rule, valid } = open(daily);
    await choose(user, 'Every few minutes or hours');
    await user.click(screen.getByRole('combobox', { name: 'Unit' }));
    await user.click(await screen.findByRole('option', { name: 'minutes' }));
    expect(screen.getByText(/at least 5 minutes/)).toBeVisible();
    expect(valid()).toBe(false);
    await user.clear(screen.getByRole('textbox', { name: 'Every' }));
    await user.type(screen.getByRole('textbox', { name: 'Every' }), '15');
    expect(rule()).toEqual({ recurrence: 'interval', every: 15, unit: 'minutes', time_zone: 'Europe/Copenhagen' });
    expect(valid()).toBe(true);
  });

  it('SCH-02: starts in the zone of the browser, and finds another by typing', async () => {
    const { user, rule } = open(null);
    expect(rule()?.time_zone).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
    const zone = screen.getByRole('combobox', { name: 'Time zone' });
    await user.clear(zone);
    await user.type(zone, 'new york');
    expect(screen.getAllByRole('option')).toHaveLength(1);
    await user.click(screen.getByRole('option', { name: /America\/New York/ }));
    expect(rule()?.time_zone).toBe('America/New_York');
    expect(zone).toHaveValue('America/New_York');
  });
});

describe('a stored rule', () => {
  it('SCH-18: opens and is sent as it is stored, whatever zones this browser or the list knows', async () => {
    const stored: ScheduleRule = { recurrence: 'daily', times: ['06:30:15'], time_zone: 'US/Eastern-Odd' };
    const { user, rule } = open(stored);
    expect(rule()).toEqual(stored);
    await user.click(screen.getByRole('combobox', { name: 'Time zone' }));
    expect(await screen.findByRole('option', { name: /US\/Eastern-Odd/ })).toBeInTheDocument();
  });

  it('SCH-18: is the same when only the order of its days differs', () => {
    const a: ScheduleRule = { recurrence: 'weekly', weekdays: ['fri', 'mon'], times: ['06:00'], time_zone: 'UTC' };
    expect(sameRule(a, { ...a, weekdays: ['mon', 'fri'] })).toBe(true);
    expect(sameRule(a, { ...a, times: ['06:01'] })).toBe(false);
    expect(sameRule(a, null)).toBe(false);
  });

  it('SCH-17: needs an expression where one is to be given', () => {
    expect(checkRule({ ...draftOf(null), recurrence: 'cron', cron: ' ' })).toHaveProperty('cron');
  });
});
