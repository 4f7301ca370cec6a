// What the pane holds while it is being filled, and how that becomes a request.

import type { Connection, ConnectionDraft, ConnectionPatch, ConnectionType, SharedWith } from '../../api/types';
import { checkAll, initialValues, isSecret, secretsOf, settingsOf, type Values } from '../../lib/fields';
import { texts as common } from '../../lib/texts';
import type { VerifyDraft } from './api';
import { texts } from './texts';

export const kMaxName = 100;

export interface Draft {
  display_name: string;
  values: Values;
  sharing: SharedWith;
  agreed: boolean;
}

export function firstDraft(type: ConnectionType, connection?: Connection): Draft {
  return {
    display_name: connection?.display_name ?? '',
    values: initialValues(type.fields, connection?.settings),
    sharing: connection?.sharing.with ?? 'administrators',
    agreed: consentStands(type, connection),
  };
}

/** The consent that was given is for the statement as it reads now. */
export function consentStands(type: ConnectionType, connection?: Connection): boolean {
  return connection?.consent?.statement_version === type.consent.version;
}

export function storedSecrets(type: ConnectionType, connection?: Connection): ReadonlySet<string> {
  return new Set(type.fields.filter((f) => isSecret(f) && connection?.secrets[f.name]?.is_set).map((f) => f.name));
}

export function nameProblem(name: string): string | undefined {
  if (!name.trim()) return common.field_required(texts.display_name);
  return name.trim().length > kMaxName ? texts.name_too_long : undefined;
}

export function isComplete(type: ConnectionType, draft: Draft, stored: ReadonlySet<string>): boolean {
  return fieldsComplete(type, draft, stored) && draft.agreed && !nameProblem(draft.display_name);
}

export function fieldsComplete(type: ConnectionType, draft: Draft, stored: ReadonlySet<string>): boolean {
  return Object.keys(checkAll(type.fields, draft.values, stored)).length === 0;
}

/** Two drafts with the same key would be verified with the same outcome. */
export function verificationKey(type: ConnectionType, draft: Draft, stored: ReadonlySet<string>): string {
  return JSON.stringify([settingsOf(type.fields, draft.values), secretsOf(type.fields, draft.values, stored)]);
}

export function toVerify(type: ConnectionType, draft: Draft, stored: ReadonlySet<string>, id?: string): VerifyDraft {
  return {
    type: type.id,
    ...(id ? { id } : {}),
    settings: settingsOf(type.fields, draft.values),
    secrets: secretsOf(type.fields, draft.values, stored),
  };
}

export function toCreate(type: ConnectionType, draft: Draft, token?: string): ConnectionDraft {
  return {
    type: type.id,
    display_name: draft.display_name.trim(),
    settings: settingsOf(type.fields, draft.values),
    secrets: secretsOf(type.fields, draft.values, new Set()),
    sharing: { with: type.sharing_fixed ? 'contributors' : draft.sharing },
    consent: { agreed: true, statement_version: type.consent.version },
    ...(token ? { verification_token: token } : {}),
  };
}

/** Only what changed, so that an edit of the name does not count as an edit of the target. */
export function toPatch(type: ConnectionType, draft: Draft, connection: Connection, token?: string): ConnectionPatch {
  const stored = storedSecrets(type, connection);
  const before = firstDraft(type, connection);
  const patch: ConnectionPatch = {};
  if (draft.display_name.trim() !== connection.display_name) patch.display_name = draft.display_name.trim();
  if (draft.sharing !== before.sharing) patch.sharing = { with: draft.sharing };
  if (verificationKey(type, draft, stored) !== verificationKey(type, before, stored)) {
    patch.settings = settingsOf(type.fields, draft.values);
    patch.secrets = secretsOf(type.fields, draft.values, stored);
  }
  if (draft.agreed && !consentStands(type, connection)) {
    patch.consent = { agreed: true, statement_version: type.consent.version };
  }
  if (token) patch.verification_token = token;
  return patch;
}
