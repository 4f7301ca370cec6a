import { Button, makeStyles, Switch, tokens } from '@fluentui/react-components';
import type { NoticeSettings } from '../../api/types';
import { FieldForm } from '../../components/field-form';
import { AddRegular, DeleteRegular } from '../../components/icons';
import { RelativeTime } from '../../components/relative-time';
import { newIdempotencyKey } from '../../lib/http';
import { kWebhookFields, urlProblem, type WebhookDraft } from './settings';
import { TestButton } from './test-button';
import { texts } from './texts';

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', gap: '12px', alignItems: 'stretch' },
  item: {
    display: 'flex',
    flexDirection: 'column',
    gap: '12px',
    padding: '12px 16px 16px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  head: { display: 'flex', justifyContent: 'space-between', alignItems: 'center', gap: '12px' },
  name: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  soft: { margin: 0, color: tokens.colorNeutralForeground2 },
});

interface Props {
  webhooks: WebhookDraft[];
  stored: NoticeSettings['webhooks'];
  onChange: (webhooks: WebhookDraft[]) => void;
  errors: (index: number) => Record<string, string>;
  dirty: boolean;
}

const kSecret = new Set(['secret']);
const kNone = new Set<string>();

export function Webhooks({ webhooks, stored, onChange, errors, dirty }: Props) {
  const styles = useStyles();
  const set = (index: number, change: Partial<WebhookDraft>) => onChange(webhooks.map((w, at) => (at === index ? { ...w, ...change } : w)));
  return (
    <div className={styles.root}>
      {webhooks.length === 0 && <p className={styles.soft}>{texts.no_webhooks}</p>}
      {webhooks.map((webhook, index) => {
        const known = stored.find((w) => w.id === webhook.id);
        const wrong = urlProblem(webhook.values.url);
        return (
          <section key={webhook.key} className={styles.item} aria-label={texts.webhook(index + 1)}>
            <div className={styles.head}>
              <h3 className={styles.name}>{texts.webhook(index + 1)}</h3>
              <span>
                <Switch label={texts.webhook_on} checked={webhook.is_on} onChange={(_, data) => set(index, { is_on: data.checked })} />
                <Button
                  appearance="subtle"
                  icon={<DeleteRegular />}
                  aria-label={texts.remove_webhook(index + 1)}
                  title={texts.remove_webhook(index + 1)}
                  onClick={() => onChange(webhooks.filter((_, at) => at !== index))}
                />
              </span>
            </div>
            <FieldForm
              fields={kWebhookFields}
              values={webhook.values}
              onChange={(values) => set(index, { values })}
              errors={{ ...(wrong ? { url: wrong } : {}), ...errors(index) }}
              stored_secrets={webhook.has_secret ? kSecret : kNone}
            />
            {known?.last_at && (
              <p className={styles.soft}>
                {texts.last_sent}: <RelativeTime at={known.last_at} />
                {known.last_status !== null && `, ${texts.last_status(String(known.last_status))}`}
              </p>
            )}
            {webhook.id && <TestButton to={webhook.id} label={texts.test_webhook} name={texts.test_webhook_of(String(webhook.values.url ?? ''))} dirty={dirty} />}
          </section>
        );
      })}
      <div>
        <Button
          icon={<AddRegular />}
          onClick={() => onChange([...webhooks, { key: newIdempotencyKey(), values: {}, is_on: true, has_secret: false }])}
        >
          {texts.add_webhook}
        </Button>
      </div>
    </div>
  );
}
