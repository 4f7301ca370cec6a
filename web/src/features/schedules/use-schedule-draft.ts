import { useState } from 'react';
import type { BatchResult, Export, ScheduleKind } from '../../api/types';
import { useNotify } from '../../components/notify';
import { toProblem, type Problem } from '../../lib/problem';
import { useSchedule, type ScheduleChange } from './api';
import { draftOf, ruleOf, sameRule, type RuleDraft } from './rule';
import { texts } from './texts';
import { useRulePreview } from './use-rule-preview';

type OnKind = Exclude<ScheduleKind, 'off'>;

export const isOn = (item: Export): boolean => item.schedule.kind !== 'off';

/** What starts an export once it is on: while off, a kept rule tells. */
export const kindOf = ({ schedule }: Export): OnKind => (schedule.kind === 'off' ? (schedule.rule ? 'own' : 'system') : schedule.kind);

/** Whether what these exports have set could not be shown in one form. */
export const differ = (items: Export[]): boolean =>
  items.some((item) => kindOf(item) !== kindOf(items[0]!) || (kindOf(item) === 'own' && !sameRule(item.schedule.rule, items[0]!.schedule.rule)));

/** The state of the pane: nothing of it is sent before Save (SCH-18). */
export function useScheduleDraft(items: Export[], onSaved: () => void) {
  const notify = useNotify();
  const saving = useSchedule();
  const one = items.length === 1 ? items[0] : undefined;
  const common = differ(items) ? undefined : items[0];
  const [on, setOn] = useState(items.some(isOn));
  const [keep, setKeep] = useState(!one);
  const [kind, setKind] = useState<OnKind>(common ? kindOf(common) : 'own');
  const [rule, setRule] = useState<RuleDraft>(() => draftOf(common?.schedule.rule));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [result, setResult] = useState<BatchResult | null>(null);

  const defines = one !== undefined || !keep;
  const edits = on && defines && kind === 'own' && items.some((item) => item.can.includes('update'));
  const preview = useRulePreview(rule, edits);

  function changed(): boolean {
    if (!defines || !on) return items.some((item) => isOn(item) !== on);
    if (!one) return true;
    return !isOn(one) || kind !== kindOf(one) || (kind === 'own' && !sameRule(ruleOf(rule), one.schedule.rule));
  }

  function change(): ScheduleChange {
    const ids = items.map((item) => item.id);
    // Off keeps what is stored, so that on brings it back.
    if (!one && (keep || !on)) return { ids, is_on: on };
    const schedule = !on ? { kind: 'off' as const } : kind === 'own' ? { kind, rule: ruleOf(rule) } : { kind };
    return one ? { one, schedule } : { ids, schedule };
  }

  async function save() {
    setProblem(null);
    try {
      const answer = await saving.mutateAsync(change());
      if (answer && answer.failed > 0) return setResult(answer);
      notify.success(one ? texts.saved(one.display_name) : texts.saved_many(answer?.succeeded ?? items.length));
      onSaved();
    } catch (error) {
      setProblem(toProblem(error));
    }
  }

  const dirty = changed();
  return {
    one,
    on,
    setOn,
    keep,
    setKeep,
    kind,
    setKind,
    rule,
    setRule,
    preview,
    defines,
    problem,
    result,
    dirty,
    saving: saving.isPending,
    can_save: dirty && (!edits || preview.valid),
    save: () => void save(),
  };
}

export type ScheduleDraftState = ReturnType<typeof useScheduleDraft>;
