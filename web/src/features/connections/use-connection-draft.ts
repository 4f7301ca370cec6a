import { useRef, useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import type { Connection, ConnectionType, Verification, VerificationStep } from '../../api/types';
import { useNotify } from '../../components/notify';
import type { Values } from '../../lib/fields';
import { newIdempotencyKey } from '../../lib/http';
import { errorAt, errorsBelow, toProblem, type Problem } from '../../lib/problem';
import { useSaveConnection, useVerifyDraft } from './api';
import {
  fieldsComplete,
  firstDraft,
  isComplete,
  storedSecrets,
  toCreate,
  toPatch,
  toVerify,
  verificationKey,
  type Draft,
} from './draft';
import { texts } from './texts';

/** The state of the set-up pane: the draft, its verification, and saving it. */
export function useConnectionDraft(type: ConnectionType, connection: Connection | undefined, onSaved: (c: Connection) => void) {
  const notify = useNotify();
  const saving = useSaveConnection();
  const verifying = useVerifyDraft();
  const keyOfBody = useRef({ body: '', key: '' });
  const [version, setVersion] = useState(connection?.version ?? 0);
  const [checked, setChecked] = useState<{ key: string; result: Verification } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  const stored = storedSecrets(type, connection);
  const form = useForm<Draft>({ defaultValues: firstDraft(type, connection) });
  const draft = useWatch({ control: form.control }) as Draft;

  const key = verificationKey(type, draft, stored);
  const unchanged = connection !== undefined && key === verificationKey(type, firstDraft(type, connection), stored);
  const verification = checked?.key === key ? checked.result : null;
  const passed = verification?.result === 'passed';
  const complete = isComplete(type, draft, stored);
  // Compared as they are sent: a field emptied and filled again is not a change.
  const dirty = form.formState.isDirty;

  async function verify(values: Values = draft.values) {
    const now = { ...draft, values };
    setProblem(null);
    try {
      const result = await verifying.mutateAsync(toVerify(type, now, stored, connection?.id));
      setChecked({ key: verificationKey(type, now, stored), result });
    } catch (error) {
      setProblem(toProblem(error));
    }
  }

  function adopt(proposal: NonNullable<VerificationStep['proposal']>) {
    const values = { ...form.getValues('values'), [proposal.field]: proposal.value };
    form.setValue('values', values, { shouldDirty: true });
    void verify(values);
  }

  function keyFor(body: unknown): string {
    const text = JSON.stringify(body);
    if (keyOfBody.current.body !== text) keyOfBody.current = { body: text, key: newIdempotencyKey() };
    return keyOfBody.current.key;
  }

  async function save() {
    const token = passed ? verification.token : undefined;
    setProblem(null);
    try {
      if (connection) {
        const update = toPatch(type, draft, connection, token);
        onSaved(await saving.mutateAsync({ update, id: connection.id, version }));
        notify.success(texts.saved(draft.display_name.trim()));
      } else {
        const create = toCreate(type, draft, token);
        onSaved(await saving.mutateAsync({ create, idempotency_key: keyFor(create) }));
        notify.success(texts.added(create.display_name));
      }
    } catch (error) {
      const refusal = toProblem(error);
      const shown = refusal.extras.verification as Verification | undefined;
      if (shown) setChecked({ key, result: shown });
      if (refusal.reason === 'connection.consent_required') form.setValue('agreed', false);
      setProblem(refusal);
    }
  }

  return {
    form,
    draft,
    stored,
    dirty,
    problem,
    verification,
    outdated: checked !== null && verification === null,
    busy: { saving: saving.isPending, verifying: verifying.isPending },
    can_verify: fieldsComplete(type, draft, stored) && (draft.agreed || type.serves.includes('export')),
    can_save: complete && (dirty || !connection) && (type.verify !== 'required' || passed || unchanged),
    errors: {
      display_name: errorAt(problem, '/display_name'),
      fields: errorsBelow(problem, 'settings', 'secrets'),
      consent: problem?.reason === 'connection.consent_required' ? texts.consent_renew : undefined,
    },
    verify: () => void verify(),
    adopt,
    save: () => void save(),
    /** The person has seen what somebody else stored, and wants their own values to stand. */
    overwrite: (newVersion: number) => {
      setVersion(newVersion);
      setProblem(null);
    },
  };
}

export type ConnectionDraftState = ReturnType<typeof useConnectionDraft>;
