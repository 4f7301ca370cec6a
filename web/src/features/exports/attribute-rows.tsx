import { Button, Field, makeStyles, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components';
import type { TargetAttribute } from '../../api/types';
import { AddRegular, DeleteRegular } from '../../components/icons';
import { SelectField } from '../../components/select-field';
import type { Values } from '../../lib/fields';
import { attributesLeft, mandatoryNames, newRow, rulesOf, titleOf, type MapRow } from './mapping';
import { propose } from './proposals';
import { texts } from './texts';
import type { ExportDraftState } from './use-export-draft';

const useStyles = makeStyles({
  rows: { display: 'flex', flexDirection: 'column', gap: '16px', maxWidth: '480px' },
  line: { display: 'flex', gap: '4px', minWidth: 0 },
  select: { flexGrow: 1 },
  menu: { maxHeight: 'min(360px, 60vh)' },
  add: { alignSelf: 'flex-start' },
});

interface Props {
  state: ExportDraftState;
  readOnly: boolean;
}

function hintOf(attribute: TargetAttribute | undefined, row: MapRow, values: Values): string | undefined {
  const hashed = attribute?.hashed && (values.already_hashed === true ? texts.sent_hashed_already : texts.sent_hashed);
  const parts = [row.is_proposed && row.column !== '' && texts.proposed, hashed, attribute?.hint].filter(Boolean);
  return parts.length > 0 ? parts.join(' · ') : undefined;
}

/** One drop-down per attribute: its label says where the value goes, its value where it comes from. */
export function AttributeRows({ state, readOnly }: Props) {
  const styles = useStyles();
  const { draft, columns, changeRows } = state;
  const rules = rulesOf(state.type);
  const mandatory = mandatoryNames(rules, draft.values);
  const left = attributesLeft(rules, draft.rows);

  const set = (row: MapRow, column: string) => changeRows(draft.rows.map((r) => (r.key === row.key ? { ...r, column, is_proposed: false } : r)));
  const add = (attribute: TargetAttribute) => changeRows([...draft.rows, newRow(attribute.name, propose(attribute.name, attribute.title, columns))]);

  return (
    <div className={styles.rows}>
      {draft.rows.map((row) => {
        const title = titleOf(rules, row.name);
        const problem = state.errors.mapping[row.name] ?? state.row_problems[row.key];
        const gone = row.column !== '' && !columns.includes(row.column) ? [row.column] : [];
        return (
          <Field
            key={row.key}
            label={title}
            required={mandatory.includes(row.name)}
            hint={hintOf(rules.attributes.find((a) => a.name === row.name), row, draft.values)}
            validationMessage={problem}
            validationState={problem ? 'error' : 'none'}
          >
            <div className={styles.line}>
              <SelectField
                className={styles.select}
                value={row.column}
                placeholder={texts.choose_column}
                disabled={readOnly}
                choices={[...gone, ...columns].map((c) => ({ value: c, title: c }))}
                onChange={(column) => set(row, column)}
              />
              {!readOnly && !mandatory.includes(row.name) && (
                <Button
                  appearance="subtle"
                  icon={<DeleteRegular />}
                  aria-label={texts.remove_attribute(title)}
                  title={texts.remove_attribute(title)}
                  onClick={() => changeRows(draft.rows.filter((r) => r.key !== row.key))}
                />
              )}
            </div>
          </Field>
        );
      })}
      {!readOnly && (
        <Menu positioning="below-start">
          <MenuTrigger disableButtonEnhancement>
            <Button className={styles.add} appearance="subtle" icon={<AddRegular />} disabled={left.length === 0} title={left.length === 0 ? texts.all_used : undefined}>
              {texts.add_attribute}
            </Button>
          </MenuTrigger>
          <MenuPopover className={styles.menu}>
            <MenuList>
              {left.map((attribute) => (
                <MenuItem key={attribute.name} onClick={() => add(attribute)}>
                  {attribute.title}
                </MenuItem>
              ))}
            </MenuList>
          </MenuPopover>
        </Menu>
      )}
    </div>
  );
}
