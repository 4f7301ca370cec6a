import {
  Button,
  Menu,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
} from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { typeTitle, useConnectionTypes } from '../../api/connection-types';
import type { ConnectionKind } from '../../api/types';
import { AddRegular, ChevronDownRegular } from '../../components/icons';
import { TypeIcon } from '../../components/type-icon';
import { texts } from './texts';
import { useNewPath } from './use-new-path';

const useStyles = makeStyles({ list: { maxHeight: 'min(480px, 70vh)' } });

const kKinds: ConnectionKind[] = ['enrichment', 'export'];

/** "+ Add connection": all types of this server, by kind. */
export function AddConnectionMenu({ primary = true }: { primary?: boolean }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const newPath = useNewPath();
  const types = useConnectionTypes().data ?? [];
  return (
    <Menu positioning="below-start">
      <MenuTrigger disableButtonEnhancement>
        <Button appearance={primary ? 'primary' : 'secondary'} icon={<AddRegular />} disabled={types.length === 0}>
          {texts.add} <ChevronDownRegular style={{ marginLeft: 6 }} />
        </Button>
      </MenuTrigger>
      <MenuPopover className={styles.list}>
        <MenuList>
          {kKinds.map((kind) => {
            const members = types.filter((t) => t.serves.includes(kind)).sort((a, b) => a.title.localeCompare(b.title));
            if (members.length === 0) return null;
            return (
              <MenuGroup key={kind}>
                <MenuGroupHeader>{texts.kinds[kind]}</MenuGroupHeader>
                {members.map((type) => (
                  <MenuItem
                    key={type.id}
                    icon={<TypeIcon type={type.id} />}
                    disabled={!type.enabled}
                    onClick={() => void navigate(newPath(type.id))}
                  >
                    {typeTitle(type)}
                  </MenuItem>
                ))}
              </MenuGroup>
            );
          })}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
