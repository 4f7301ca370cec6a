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
  /** The page around it has a title already. */
  nested?: boolean;
  children: ReactNode;
}

/** Instead of a page somebody may not see: which role is missing, and what to do. */
export function NeedsPermission({ permission, role, nested, children }: Props) {
  const session = useSession();
  const navigate = useNavigate();
  if (session.permissions.includes(permission)) return children;
  return (
    <>
      {!nested && <PageHeader title={texts.missing_role_title} />}
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

const gate = (permission: Permission, role: Role, nested = false) =>
  function Gate() {
    return (
      <NeedsPermission permission={permission} role={role} nested={nested}>
        <Outlet />
      </NeedsPermission>
    );
  };

export const ConnectionsGate = gate('connections_manage', 'administrator');
export const SystemGate = gate('system_manage', 'administrator', true);
export const AuditGate = gate('audit_view', 'administrator');
