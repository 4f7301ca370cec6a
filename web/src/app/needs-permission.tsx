import { Button } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { Outlet, useNavigate } from 'react-router';
import { useSession } from '../api/session';
import type { Permission, Role } from '../api/types';
import { EmptyState } from '../components/empty-state';
import { PageHeader } from '../components/page-header';
import { LockedPicture } from '../components/pictures';
import { texts } from './shell-texts';

interface Props {
  permission: Permission;
  /** The role that brings the permission; named to people who lack it. */
  role: Role;
  children: ReactNode;
}

/** Instead of a page somebody may not see: which role is missing, and what to do. */
export function NeedsPermission({ permission, role, children }: Props) {
  const session = useSession();
  const navigate = useNavigate();
  if (session.permissions.includes(permission)) return children;
  return (
    <>
      <PageHeader title={texts.missing_role_title} />
      <EmptyState
        picture={<LockedPicture />}
        title={texts.missing_role(texts.roles[role], texts.roles[session.user.role])}
        actions={
          <Button appearance="primary" onClick={() => void navigate('/')}>
            {texts.to_home}
          </Button>
        }
      />
    </>
  );
}

export function ConnectionsGate() {
  return (
    <NeedsPermission permission="connections_manage" role="administrator">
      <Outlet />
    </NeedsPermission>
  );
}
