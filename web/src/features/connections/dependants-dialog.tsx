import {
  Badge,
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  Spinner,
  tokens,
} from '@fluentui/react-components';
import { Link, useNavigate } from 'react-router';
import type { Connection, Dependants } from '../../api/types';
import { ErrorState } from '../../components/error-state';
import { useLinkStyles } from '../../components/link-styles';
import { texts as common } from '../../lib/texts';
import { useDependants } from './api';
import { texts } from './texts';

const useStyles = makeStyles({
  list: { margin: '0 0 8px', padding: 0, listStyleType: 'none', maxHeight: '280px', overflowY: 'auto' },
  item: { display: 'flex', gap: '8px', alignItems: 'baseline', padding: '6px 0', borderTop: `1px solid ${tokens.colorNeutralStroke3}` },
  owner: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  none: { margin: 0 },
});

export function DependantsList({ dependants }: { dependants: Dependants }) {
  const styles = useStyles();
  const link = useLinkStyles();
  return (
    <ul className={styles.list}>
      {dependants.exports.map((e) => (
        <li key={e.id} className={styles.item}>
          <Link to={`/data/exports/${e.id}`} className={link.root}>
            {e.display_name}
          </Link>
          {e.state === 'inactive' && <Badge appearance="tint" color="subtle">{texts.inactive}</Badge>}
          {e.owner && <span className={styles.owner}>{texts.owner(e.owner.display_name)}</span>}
        </li>
      ))}
      {dependants.enrichments.map((e) => (
        <li key={e.id} className={styles.item}>
          {e.display_name}
        </li>
      ))}
    </ul>
  );
}

export function DependantsDialog({ connection, onClose }: { connection: Connection; onClose: () => void }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const dependants = useDependants(connection.id);
  const { data } = dependants;
  const none = data && data.exports.length + data.enrichments.length === 0;
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{texts.dependants_title(connection.display_name)}</DialogTitle>
          <DialogContent>
            {dependants.isPending && <Spinner size="tiny" label={texts.loading_dependants} labelPosition="after" />}
            {dependants.isError && <ErrorState error={dependants.error} onRetry={() => void dependants.refetch()} />}
            {none && <p className={styles.none}>{texts.no_dependants}</p>}
            {data && !none && <DependantsList dependants={data} />}
          </DialogContent>
          <DialogActions fluid>
            {data && data.exports.length > 0 && (
              <Button appearance="primary" onClick={() => void navigate(`/data/exports?connection_id=${connection.id}`)}>
                {texts.see_exports}
              </Button>
            )}
            <Button onClick={onClose}>{common.close}</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
