import { Badge, Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { Link, useNavigate } from 'react-router';
import { usePermission } from '../../api/session';
import { CheckmarkCircleFilled, CircleRegular } from '../../components/icons';
import { useLinkStyles } from '../../components/link-styles';
import { useCardStyles } from './card';
import { texts } from './texts';

const useStyles = makeStyles({
  root: { gap: '12px' },
  head: { display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: '12px' },
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', gap: '12px' },
  item: { display: 'grid', gridTemplateColumns: '24px minmax(0, 1fr)', columnGap: '10px' },
  icon: { fontSize: '22px', color: tokens.colorNeutralForeground3 },
  done: { color: tokens.colorStatusSuccessForeground1 },
  next: { color: tokens.colorBrandForeground1 },
  name: { fontWeight: tokens.fontWeightSemibold },
  text: { gridColumn: 2, color: tokens.colorNeutralForeground2 },
  foot: { display: 'flex', alignItems: 'center', gap: '16px', flexWrap: 'wrap', marginTop: 'auto', paddingTop: '8px' },
});

export interface Facts {
  tables: number;
  exports: number;
  has_connection: boolean;
  has_run: boolean;
}

type Step = 'table' | 'connection' | 'export' | 'run';

/** The way from an empty environment to the first delivery, and the button for the step that is next. */
export function ExportDataCard({ facts }: { facts: Facts }) {
  const card = useCardStyles();
  const styles = useStyles();
  const links = useLinkStyles();
  const navigate = useNavigate();
  const isAdmin = usePermission('connections_manage');
  const mayEdit = usePermission('exports_edit');

  const done: Record<Step, boolean> = {
    table: facts.tables > 0,
    connection: facts.has_connection,
    export: facts.exports > 0,
    run: facts.has_run,
  };
  const path: Record<Step, string> = {
    table: '/data/tables/import',
    connection: '/admin/connections/discover',
    export: '/data/exports/new',
    run: '/data/exports',
  };
  const steps = Object.keys(done) as Step[];
  const next = steps.find((step) => !done[step]);
  const state = next === undefined ? 'done' : steps.some((step) => done[step]) ? 'in_progress' : 'not_started';
  const mayDoNext = next !== undefined && (next === 'connection' ? isAdmin : mayEdit);

  return (
    <section className={mergeClasses(card.root, styles.root)} aria-labelledby="export-data">
      <div className={styles.head}>
        <h2 id="export-data" className={card.title}>
          {texts.export_data}
        </h2>
        <Badge appearance="tint" color={state === 'done' ? 'success' : state === 'in_progress' ? 'brand' : 'informative'}>
          {texts.state[state]}
        </Badge>
      </div>
      <ol className={styles.list}>
        {steps.map((step) => (
          <li key={step} className={styles.item} aria-current={step === next ? 'step' : undefined}>
            {done[step] ? (
              <CheckmarkCircleFilled className={mergeClasses(styles.icon, styles.done)} />
            ) : (
              <CircleRegular className={mergeClasses(styles.icon, step === next && styles.next)} />
            )}
            <span className={styles.name}>{texts.step[step]}</span>
            <span className={styles.text}>
              {step === 'connection' && !isAdmin ? texts.step.connection_wait : texts.step[`${step}_text`]}
            </span>
          </li>
        ))}
      </ol>
      {state === 'done' && <span className={styles.text}>{texts.done_text}</span>}
      <div className={styles.foot}>
        {mayDoNext && (
          <Button appearance="primary" onClick={() => void navigate(path[next])}>
            {texts.button[next]}
          </Button>
        )}
        <Link to="/data/exports" className={links.root}>
          {texts.open.exports}
        </Link>
      </div>
    </section>
  );
}
