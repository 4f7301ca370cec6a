// The settings of notifications as a form holds them, and as they are sent. A secret that was not touched is absent.

import type { Field, NoticeSettings, NoticeSettingsDraft, WriteOnly } from '../../api/types';
import { checkAll, initialValues, type Values } from '../../lib/fields';
import { texts } from './texts';

export interface WebhookDraft {
  /** Absent while it is not stored yet. */
  id?: string;
  /** Tells rows apart that have no id. */
  key: string;
  values: Values;
  is_on: boolean;
  has_secret: boolean;
}

export interface SettingsDraft {
  is_on: boolean;
  mail: Values;
  webhooks: WebhookDraft[];
}

export const kMailFields: Field[] = [
  { name: 'host', title: texts.field.host, type: 'host', required: true, placeholder: texts.host_placeholder },
  { name: 'port', title: texts.field.port, type: 'port', required: true, default: 587 },
  {
    name: 'security',
    title: texts.field.security,
    type: 'choice',
    required: true,
    default: 'starttls',
    choices: Object.entries(texts.security).map(([value, title]) => ({ value, title })),
  },
  { name: 'username', title: texts.field.username, type: 'string', hint: texts.username_hint },
  { name: 'password', title: texts.field.password, type: 'secret', secret: true },
  { name: 'from', title: texts.field.from, type: 'string', required: true, placeholder: texts.from_placeholder },
];

export const kWebhookFields: Field[] = [
  { name: 'url', title: texts.url, type: 'string', required: true, placeholder: texts.url_placeholder },
  { name: 'secret', title: texts.secret, type: 'secret', secret: true, hint: texts.secret_hint },
];

export function draftOf({ mail, webhooks }: NoticeSettings): SettingsDraft {
  const { is_on, has_password: _, recipients: __, ...settings } = mail;
  return {
    is_on,
    // An empty value stands for one that was never set.
    mail: initialValues(kMailFields, Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, value || null]))),
    webhooks: webhooks.map((w) => ({ id: w.id, key: w.id, values: { url: w.url }, is_on: w.is_on, has_secret: w.has_secret })),
  };
}

const secretOf = (value: Values[string], stored: boolean): WriteOnly | undefined => {
  if (value === undefined) return undefined;
  if (value === '') return stored ? null : undefined;
  return { set: String(value) };
};

export function bodyOf(draft: SettingsDraft, stored: NoticeSettings): NoticeSettingsDraft {
  const text = (name: string) => String(draft.mail[name] ?? '').trim();
  const password = secretOf(draft.mail.password, stored.mail.has_password);
  return {
    mail: {
      is_on: draft.is_on,
      host: text('host'),
      port: Number(draft.mail.port ?? 0),
      security: draft.mail.security as 'none' | 'starttls' | 'tls',
      username: text('username'),
      from: text('from'),
      recipients: stored.mail.recipients,
      ...(password === undefined ? {} : { password }),
    },
    webhooks: draft.webhooks.map((webhook) => {
      const secret = secretOf(webhook.values.secret, webhook.has_secret);
      return {
        ...(webhook.id ? { id: webhook.id } : {}),
        url: String(webhook.values.url ?? '').trim(),
        is_on: webhook.is_on,
        ...(secret === undefined ? {} : { secret }),
      };
    }),
  };
}

export function urlProblem(url: Values[string]): string | undefined {
  return url === undefined || /^https?:\/\/[^/\s]+/i.test(String(url)) ? undefined : texts.url_https;
}

/** A switched-off mail server may stay half filled in. */
export function isComplete(draft: SettingsDraft, stored: NoticeSettings): boolean {
  const kept = new Set(stored.mail.has_password ? ['password'] : []);
  const mail = !draft.is_on || Object.keys(checkAll(kMailFields, draft.mail, kept)).length === 0;
  return mail && draft.webhooks.every((w) => w.values.url !== undefined && !urlProblem(w.values.url));
}
