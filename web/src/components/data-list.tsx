// The list of every page: header that sorts, rows that can be ticked, a menu per row, and all the states a list has.
// Rows are a grid with table roles, so that on narrow screens the same markup becomes a stack of cards.

import { Button, Checkbox, mergeClasses } from '@fluentui/react-components';
import { type CSSProperties, type ReactNode } from 'react';
import { useListStyles } from './data-list-styles';
import { HeaderRow, Pager, SkeletonRows, SortMenu, type Paging } from './data-list-parts';
import { EmptyState } from './empty-state';
import { ErrorState } from './error-state';
import { NothingFoundPicture } from './pictures';
import { RowMenu, type Action } from './row-menu';
import { texts } from '../lib/texts';

export interface Column<T> {
  id: string;
  title: string;
  /** Track in the grid, such as "minmax(180px, 2fr)". */
  width: string;
  /** What the server (or `arrange`) calls this order; without it the header does not sort. */
  sort?: string;
  align?: 'end';
  /** The title is for screen readers only: icon columns. */
  quiet?: boolean;
  render: (item: T) => ReactNode;
}

export interface Selection<T> {
  selected: ReadonlyMap<string, T>;
  onChange: (selected: Map<string, T>) => void;
}

interface Props<T> {
  label: string;
  columns: Column<T>[];
  items: T[] | undefined;
  error: unknown;
  onRetry: () => void;
  id: (item: T) => string;
  name: (item: T) => string;
  sort?: string;
  onSort?: (sort: string) => void;
  selection?: Selection<T>;
  actions?: (item: T) => Action[];
  empty: ReactNode;
  filtered?: boolean;
  q?: string;
  onReset?: () => void;
  paging?: Paging;
  /** Few and short columns: stays a table where others become cards. */
  layout?: 'cards' | 'rows';
}

export function DataList<T>(props: Props<T>) {
  const { label, columns, items, error, onRetry, id, name, selection, actions } = props;
  const styles = useListStyles();
  const frame = mergeClasses(styles.frame, props.layout !== 'rows' && styles.container);

  if (error && !items) return <div className={frame}><ErrorState error={error} onRetry={onRetry} /></div>;
  if (items?.length === 0) {
    return (
      <div className={frame}>
        {props.filtered ? (
          <EmptyState
            picture={<NothingFoundPicture />}
            title={texts.no_hits}
            actions={<Button onClick={props.onReset}>{texts.reset}</Button>}
          >
            {texts.no_hits_hint(props.q ?? '')}
          </EmptyState>
        ) : (
          props.empty
        )}
      </div>
    );
  }

  const tracks = [selection && '36px', ...columns.map((c) => c.width), actions && '40px'].filter(Boolean).join(' ');
  const toggle = (item: T) => {
    if (!selection) return;
    const next = new Map(selection.selected);
    if (!next.delete(id(item))) next.set(id(item), item);
    selection.onChange(next);
  };

  return (
    <div className={frame}>
      <SortMenu columns={columns} sort={props.sort} onSort={props.onSort} />
      <div className={styles.scroll}>
        <div
          role="table"
          aria-label={label}
          aria-busy={!items}
          aria-rowcount={props.paging?.total === undefined ? undefined : props.paging.total + 1}
          className={styles.table}
          style={{ '--tracks': tracks } as CSSProperties}
        >
          <HeaderRow
            columns={columns}
            sort={props.sort}
            onSort={props.onSort}
            hasActions={Boolean(actions)}
            selection={selection && items ? { ...selection, items, id } : undefined}
            selectable={Boolean(selection)}
          />
          <div role="rowgroup">
            {!items && <SkeletonRows columns={columns.length} />}
            {items?.map((item) => {
              const ticked = selection?.selected.has(id(item)) ?? false;
              return (
                <div
                  key={id(item)}
                  role="row"
                  aria-selected={selection ? ticked : undefined}
                  className={mergeClasses(styles.row, styles.bodyRow, ticked && styles.ticked)}
                  onClick={(event) => {
                    if (!(event.target as Element).closest('a, button, input, label, [role="menu"]')) toggle(item);
                  }}
                >
                  {selection && (
                    <div role="cell" className={mergeClasses(styles.cell, styles.tick)}>
                      <Checkbox aria-label={texts.select_row(name(item))} checked={ticked} onChange={() => toggle(item)} />
                    </div>
                  )}
                  {columns.map((column, index) => (
                    <div
                      key={column.id}
                      role="cell"
                      className={mergeClasses(
                        styles.cell,
                        column.align === 'end' && styles.end,
                        index === 0 && styles.first,
                        index === 0 && selection && styles.afterTick,
                        column.quiet && styles.quiet,
                      )}
                    >
                      {index > 0 && !column.quiet && (
                        <span className={styles.cardLabel} aria-hidden="true">
                          {column.title}
                        </span>
                      )}
                      {column.render(item)}
                    </div>
                  ))}
                  {actions && (
                    <div role="cell" className={mergeClasses(styles.cell, styles.menu)}>
                      <RowMenu name={name(item)} actions={actions(item)} />
                    </div>
                  )}
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {items && props.paging && <Pager paging={props.paging} count={items.length} />}
    </div>
  );
}
