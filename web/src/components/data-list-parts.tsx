import {
  Button,
  Checkbox,
  Menu,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  mergeClasses,
  Skeleton,
  SkeletonItem,
} from '@fluentui/react-components';
import type { Column, Selection } from './data-list';
import { useListStyles } from './data-list-styles';
import { ArrowDownRegular, ArrowUpRegular, ChevronLeftRegular, ChevronRightRegular } from './icons';
import { texts } from '../lib/texts';

interface HeaderProps<T> {
  columns: Column<T>[];
  sort?: string;
  onSort?: (sort: string) => void;
  hasActions: boolean;
  selectable: boolean;
  selection?: Selection<T> & { items: T[]; id: (item: T) => string };
}

const turned = (sort: string | undefined, key: string) => (sort === key ? `-${key}` : key);

function direction(sort: string | undefined, key: string): 'ascending' | 'descending' | 'none' {
  if (sort === key) return 'ascending';
  return sort === `-${key}` ? 'descending' : 'none';
}

export function HeaderRow<T>({ columns, sort, onSort, hasActions, selectable, selection }: HeaderProps<T>) {
  const styles = useListStyles();
  return (
    <div role="rowgroup">
      <div role="row" className={mergeClasses(styles.row, styles.headerRow)}>
        {selectable && (
          <div role="columnheader" className={mergeClasses(styles.cell, styles.tick)}>
            <TickAll selection={selection} />
          </div>
        )}
        {columns.map((column) => {
          const order = column.sort ? direction(sort, column.sort) : undefined;
          return (
            <div
              key={column.id}
              role="columnheader"
              aria-sort={order}
              className={mergeClasses(styles.cell, column.align === 'end' && styles.end)}
            >
              {column.sort && onSort ? (
                <Button
                  appearance="transparent"
                  className={styles.sortButton}
                  iconPosition="after"
                  icon={
                    order === 'ascending' ? (
                      <ArrowUpRegular className={styles.arrow} />
                    ) : order === 'descending' ? (
                      <ArrowDownRegular className={styles.arrow} />
                    ) : undefined
                  }
                  onClick={() => onSort(turned(sort, column.sort!))}
                >
                  {column.title}
                </Button>
              ) : (
                <span className={column.quiet ? styles.hidden : styles.headerText}>{column.title}</span>
              )}
            </div>
          );
        })}
        {hasActions && (
          <div role="columnheader" className={styles.cell}>
            <span className={styles.hidden}>{texts.more_actions('')}</span>
          </div>
        )}
      </div>
    </div>
  );
}

function TickAll<T>({ selection }: Pick<HeaderProps<T>, 'selection'>) {
  if (!selection) return <Checkbox aria-label={texts.select_all} checked={false} disabled />;
  const { items, id, selected, onChange } = selection;
  const ticked = items.filter((item) => selected.has(id(item))).length;
  return (
    <Checkbox
      aria-label={texts.select_all}
      checked={ticked === 0 ? false : ticked === items.length ? true : 'mixed'}
      onChange={() => {
        const next = new Map(selected);
        for (const item of items) {
          if (ticked === items.length) next.delete(id(item));
          else next.set(id(item), item);
        }
        onChange(next);
      }}
    />
  );
}

/** The header's sorting on narrow screens, where there is no header. */
export function SortMenu<T>({ columns, sort = '', onSort }: Pick<HeaderProps<T>, 'columns' | 'sort' | 'onSort'>) {
  const styles = useListStyles();
  const sortable = columns.filter((c) => c.sort);
  if (!onSort || sortable.length === 0) return null;
  const current = sortable.find((c) => direction(sort, c.sort!) !== 'none');
  return (
    <div className={styles.sortMenu}>
      <Menu checkedValues={{ sort: current ? [current.id] : [] }}>
        <MenuTrigger disableButtonEnhancement>
          <Button
            size="small"
            appearance="subtle"
            icon={sort.startsWith('-') ? <ArrowDownRegular /> : <ArrowUpRegular />}
          >
            {current ? `${texts.sort_by}: ${current.title}` : texts.sort_by}
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {sortable.map((column) => (
              <MenuItemRadio key={column.id} name="sort" value={column.id} onClick={() => onSort(turned(sort, column.sort!))}>
                {column.title}
              </MenuItemRadio>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
    </div>
  );
}

export interface Paging {
  page: number;
  page_size: number;
  total?: number;
  next_cursor: string | null;
  onNext: (cursor: string) => void;
  onBack: () => void;
}

export function Pager({ paging, count }: { paging: Paging; count: number }) {
  const styles = useListStyles();
  const { page, page_size, total, next_cursor } = paging;
  if (page === 0 && !next_cursor) return null;
  const from = page * page_size + 1;
  return (
    <div className={styles.pager}>
      <span role="status">{texts.range(from, from + count - 1, total)}</span>
      <Button
        appearance="subtle"
        icon={<ChevronLeftRegular />}
        aria-label={texts.previous_page}
        disabled={page === 0}
        onClick={paging.onBack}
      />
      <Button
        appearance="subtle"
        icon={<ChevronRightRegular />}
        aria-label={texts.next_page}
        disabled={!next_cursor}
        onClick={() => next_cursor && paging.onNext(next_cursor)}
      />
    </div>
  );
}

export function SkeletonRows({ columns }: { columns: number }) {
  const styles = useListStyles();
  return (
    <div role="row">
      <div role="cell">
        <Skeleton aria-label={texts.loading}>
          {[0, 1, 2, 3, 4].map((row) => (
            <div key={row} className={styles.skeleton} style={{ gridTemplateColumns: `repeat(${columns}, 1fr)` }}>
              {Array.from({ length: columns }, (_, i) => (
                <SkeletonItem key={i} size={16} />
              ))}
            </div>
          ))}
        </Skeleton>
      </div>
    </div>
  );
}
