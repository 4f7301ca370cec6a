import { Button } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { EmptyState } from '../../components/empty-state';
import { AddRegular } from '../../components/icons';
import { ConnectionsPicture } from '../../components/pictures';
import { texts } from './texts';

export const kAddConnectionPath = '/admin/connections/discover?return_to=/data/exports/new';

/** There is no connection this person may use: an administrator adds one, everybody else asks for it. */
export function NoConnection({ isAdmin }: { isAdmin: boolean }) {
  const navigate = useNavigate();
  return (
    <EmptyState
      picture={<ConnectionsPicture />}
      title={texts.none_usable_title}
      actions={
        isAdmin ? (
          <Button appearance="primary" icon={<AddRegular />} onClick={() => void navigate(kAddConnectionPath)}>
            {texts.add_connection}
          </Button>
        ) : null
      }
    >
      {isAdmin ? texts.none_usable_admin : texts.none_usable}
    </EmptyState>
  );
}
