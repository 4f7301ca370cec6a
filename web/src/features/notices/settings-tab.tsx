import { Button, makeStyles, Skeleton, SkeletonItem, Spinner, Switch, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import type { NoticeSettings } from '../../api/types';
import { ErrorState } from '../../components/error-state';
import { FieldForm } from '../../components/field-form';
import { useNotify } from '../../components/notify';
import { ProblemMessage } from '../../components/problem-message';
import { StaleMessage } from '../../components/stale-message';
import { useUnsavedGuard } from '../../components/unsaved-guard';
import { errorsBelow, toProblem, type Problem } from '../../lib/problem';
import { texts as common } from '../../lib/texts';
import { useNoticeSettings, useSaveNoticeSettings } from './api';
import { bodyOf, draftOf, isComplete, kMailFields } from './settings';
import { TestButton } from './test-button';
import { texts } from './texts';
import { Webhooks } from './webhooks';

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', gap: '16px', maxWidth: '760px' },
  card: {
    display: 'flex',
    flexDirection: 'column',
    gap: '16px',
    padding: '20px 24px',
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusXLarge,
    '@media (max-width: 640px)': { padding: '16px' },
  },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  line: { margin: '-8px 0 0', maxWidth: '80ch', color: tokens.colorNeutralForeground2 },
  soft: { margin: 0, color: tokens.colorNeutralForeground2 },
  foot: {
    position: 'sticky',
    bottom: 0,
    zIndex: 1,
    display: 'flex',
    gap: '8px',
    padding: '12px 0',
    backgroundColor: tokens.colorNeutralBackground2,
  },
});

const kPassword = new Set(['password']);
const kNone = new Set<string>();

function Form({ stored, onReload }: { stored: NoticeSettings; onReload: () => void }) {
  const styles = useStyles();
  const notify = useNotify();
  const saving = useSaveNoticeSettings();
  const [draft, setDraft] = useState(() => draftOf(stored));
  const [problem, setProblem] = useState<Problem | null>(null);
  const readOnly = !stored.can.includes('update');
  const body = bodyOf(draft, stored);
  // Compared as they are sent: a secret that was opened and kept is not a change.
  const dirty = JSON.stringify(body) !== JSON.stringify(bodyOf(draftOf(stored), stored));
  const guard = useUnsavedGuard(dirty && !readOnly);
  const stale = problem?.status === 412;

  const save = () => {
    setProblem(null);
    saving.mutate(
      { draft: body, version: stored.version },
      { onSuccess: () => notify.success(texts.saved), onError: (error) => setProblem(toProblem(error)) },
    );
  };

  return (
    <div className={styles.root}>
      {stale && <StaleMessage onReload={onReload} />}
      {problem && !stale && problem.errors.length === 0 && <ProblemMessage problem={problem} />}
      <section className={styles.card} aria-labelledby="mail">
        <h2 id="mail" className={styles.title}>
          {texts.settings_title}
        </h2>
        <p className={styles.line}>{texts.settings_line}</p>
        <Switch label={texts.mail_on} checked={draft.is_on} disabled={readOnly} onChange={(_, data) => setDraft({ ...draft, is_on: data.checked })} />
        <FieldForm
          fields={kMailFields}
          values={draft.mail}
          onChange={(mail) => setDraft({ ...draft, mail })}
          errors={errorsBelow(problem, 'mail')}
          stored_secrets={stored.mail.has_password ? kPassword : kNone}
          disabled={readOnly || !draft.is_on}
        />
        <p className={styles.soft}>{texts.recipients}</p>
        {!readOnly && draft.is_on && <TestButton to="mail" label={texts.test_mail} dirty={dirty || !stored.mail.is_on} />}
      </section>
      <section className={styles.card} aria-labelledby="webhooks">
        <h2 id="webhooks" className={styles.title}>
          {texts.webhooks}
        </h2>
        <p className={styles.line}>{texts.webhooks_line}</p>
        <Webhooks
          webhooks={draft.webhooks}
          stored={stored.webhooks}
          onChange={(webhooks) => setDraft({ ...draft, webhooks })}
          errors={(index) => errorsBelow(problem, `webhooks/${index}`)}
          dirty={dirty}
        />
      </section>
      {!readOnly && (
        <div className={styles.foot}>
          <Button
            appearance="primary"
            disabled={!dirty || !isComplete(draft, stored) || saving.isPending || stale}
            icon={saving.isPending ? <Spinner size="tiny" /> : undefined}
            onClick={save}
          >
            {texts.save}
          </Button>
          {dirty && (
            <Button
              onClick={() => {
                setDraft(draftOf(stored));
                setProblem(null);
              }}
            >
              {texts.discard}
            </Button>
          )}
        </div>
      )}
      {guard.dialog}
    </div>
  );
}

export function NoticeSettingsTab() {
  const settings = useNoticeSettings();
  if (settings.isError && !settings.data) return <ErrorState error={settings.error} onRetry={() => void settings.refetch()} />;
  if (!settings.data) return <Skeleton aria-label={common.loading}><SkeletonItem size={128} style={{ maxWidth: 760 }} /></Skeleton>;
  return <Form key={settings.data.version} stored={settings.data} onReload={() => void settings.refetch()} />;
}
