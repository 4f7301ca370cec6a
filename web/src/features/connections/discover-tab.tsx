import { Button, makeStyles, Skeleton, SkeletonItem, ToggleButton, tokens } from '@fluentui/react-components';
import { useSearchParams } from 'react-router';
import { useConnectionTypes } from '../../api/connection-types';
import type { ConnectionKind, ConnectionType } from '../../api/types';
import { CommandBar } from '../../components/command-bar';
import { EmptyState } from '../../components/empty-state';
import { ErrorState } from '../../components/error-state';
import { ConnectionsPicture, NothingFoundPicture } from '../../components/pictures';
import { SearchBox } from '../../components/search-box';
import { words } from '../../lib/format';
import { texts as common } from '../../lib/texts';
import { AddConnectionMenu } from './add-connection-menu';
import { texts } from './texts';
import { TypeTile } from './type-tile';

const useStyles = makeStyles({
  chips: { display: 'flex', gap: '8px', flexWrap: 'wrap', margin: '16px 0 0' },
  chip: { borderRadius: tokens.borderRadiusCircular, minWidth: 'auto' },
  heading: { margin: '24px 0 12px', fontSize: tokens.fontSizeBase500, fontWeight: tokens.fontWeightSemibold },
  grid: { display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(min(260px, 100%), 1fr))', gap: '16px' },
  skeleton: { height: '190px', borderRadius: tokens.borderRadiusLarge },
});

const kKinds: ConnectionKind[] = ['enrichment', 'export'];

const matches = (type: ConnectionType, q: string) =>
  `${type.title} ${type.subtitle} ${type.summary}`.toLowerCase().includes(q.trim().toLowerCase());

export function DiscoverTab() {
  const styles = useStyles();
  const types = useConnectionTypes();
  const [params, setParams] = useSearchParams();
  const q = params.get('q') ?? '';
  const category = params.get('category') ?? '';

  const set = (name: string, value: string) =>
    setParams(
      (before) => {
        if (value) before.set(name, value);
        else before.delete(name);
        return before;
      },
      { replace: true },
    );

  const all = types.data ?? [];
  const categories = [...new Set(all.map((t) => t.category))].sort();
  const shown = all.filter((t) => matches(t, q) && (!category || t.category === category));

  return (
    <>
      <CommandBar label={texts.commands} end={<SearchBox value={q} onChange={(text) => set('q', text)} label={texts.search_types} />}>
        <AddConnectionMenu />
      </CommandBar>
      {categories.length > 1 && (
        <div className={styles.chips} role="group" aria-label={texts.category_filter}>
          {['', ...categories].map((name) => (
            <ToggleButton
              key={name}
              size="small"
              className={styles.chip}
              checked={name === category}
              onClick={() => set('category', name)}
            >
              {name ? (texts.categories[name] ?? words(name)) : texts.all_categories}
            </ToggleButton>
          ))}
        </div>
      )}
      {types.isPending && (
        <Skeleton aria-label={common.loading} className={styles.grid} style={{ marginTop: 24 }}>
          {[0, 1, 2, 3].map((i) => (
            <SkeletonItem key={i} className={styles.skeleton} />
          ))}
        </Skeleton>
      )}
      {types.isError && !types.data && <ErrorState error={types.error} onRetry={() => void types.refetch()} />}
      {types.data && all.length === 0 && <EmptyState picture={<ConnectionsPicture />} title={texts.none_offered} />}
      {all.length > 0 && shown.length === 0 && (
        <EmptyState
          picture={<NothingFoundPicture />}
          title={texts.no_types}
          actions={<Button onClick={() => setParams({}, { replace: true })}>{common.reset}</Button>}
        >
          {texts.no_types_hint}
        </EmptyState>
      )}
      {kKinds.map((kind) => {
        const tiles = shown.filter((t) => t.serves.includes(kind)).sort((a, b) => a.title.localeCompare(b.title));
        if (tiles.length === 0) return null;
        return (
          <section key={kind} aria-labelledby={`discover-${kind}`}>
            <h2 id={`discover-${kind}`} className={styles.heading}>
              {texts.kinds[kind]}
            </h2>
            <div className={styles.grid}>
              {tiles.map((type) => (
                <TypeTile key={type.id} type={type} />
              ))}
            </div>
          </section>
        );
      })}
    </>
  );
}
