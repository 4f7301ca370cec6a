import { Dropdown, makeStyles, mergeClasses, Option, OptionGroup, type DropdownProps } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { texts } from '../lib/texts';

const useStyles = makeStyles({ root: { minWidth: 0, width: '100%' } });

export interface Choice {
  value: string;
  title: string;
  group?: string;
  icon?: ReactNode;
  disabled?: boolean;
}

interface Props extends Pick<DropdownProps, 'aria-label' | 'className' | 'disabled' | 'size' | 'id'> {
  value: string;
  choices: Choice[];
  onChange: (value: string) => void;
  placeholder?: string;
}

/** A drop-down of one value. Choices with a group stand under its heading. */
export function SelectField({ value, choices, onChange, placeholder = texts.select, className, ...rest }: Props) {
  const styles = useStyles();
  const chosen = choices.find((c) => c.value === value);
  const groups = [...new Set(choices.map((c) => c.group))];
  const option = (choice: Choice) => (
    <Option key={choice.value} value={choice.value} text={choice.title} disabled={choice.disabled}>
      {choice.icon}
      {choice.title}
    </Option>
  );
  return (
    <Dropdown
      {...rest}
      className={mergeClasses(styles.root, className)}
      placeholder={placeholder}
      value={chosen?.title ?? ''}
      selectedOptions={chosen ? [value] : []}
      onOptionSelect={(_, data) => data.optionValue !== undefined && onChange(data.optionValue)}
    >
      {groups.map((group) => {
        const members = choices.filter((c) => c.group === group).map(option);
        return group ? (
          <OptionGroup key={group} label={group}>
            {members}
          </OptionGroup>
        ) : (
          members
        );
      })}
    </Dropdown>
  );
}
