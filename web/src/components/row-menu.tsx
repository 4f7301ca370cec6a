import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components';
import type { ReactElement } from 'react';
import { MoreVerticalRegular } from './icons';
import { texts } from '../lib/texts';

export interface Action {
  label: string;
  icon?: ReactElement;
  onClick: () => void;
  disabled?: boolean;
}

export function RowMenu({ name, actions }: { name: string; actions: Action[] }) {
  if (actions.length === 0) return null;
  return (
    <Menu positioning="below-end">
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" size="small" icon={<MoreVerticalRegular />} aria-label={texts.more_actions(name)} />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {actions.map((action) => (
            <MenuItem key={action.label} icon={action.icon} onClick={action.onClick} disabled={action.disabled}>
              {action.label}
            </MenuItem>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
