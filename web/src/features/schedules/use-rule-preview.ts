import { useDebounced } from '../../lib/hooks';
import { toProblem } from '../../lib/problem';
import { usePreview } from './api';
import { checkRule, ruleErrors, ruleOf, type RuleDraft } from './rule';

/** Long enough for a word to be typed, short enough to feel live. */
const kPauseMs = 350;

const isComplete = (draft: RuleDraft) => Object.keys(checkRule(draft)).length === 0;

/** What the server says of the draft once typing pauses. While the rule is not in use, or not complete, nothing is asked. */
export function useRulePreview(draft: RuleDraft, active: boolean) {
  const settled = useDebounced(draft, kPauseMs);
  const asks = active && isComplete(settled);
  const query = usePreview(asks ? ruleOf(settled) : null);
  const current = settled === draft;
  const refused = asks && current && query.error ? ruleErrors(toProblem(query.error)) : {};
  const errors = { ...refused, ...checkRule(draft) };
  return {
    answer: asks && isComplete(draft) ? query.data : undefined,
    zone: settled.time_zone,
    loading: active && isComplete(draft) && (!current || query.isFetching),
    error: asks ? query.error : null,
    /** By pointer below the rule: what this form finds itself, and what the server refused. */
    errors,
    valid: Object.keys(errors).length === 0,
  };
}

export type RulePreviewState = ReturnType<typeof useRulePreview>;
