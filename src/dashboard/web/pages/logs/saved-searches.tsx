import { useQueryClient } from '@tanstack/react-query';
import { Bookmark, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { send } from '../../api/client.ts';
import type { SavedSearch } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import type { UrlParams } from '../../lib/url-state.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { Menu } from '../../ui/menu.tsx';
import { toast } from '../../ui/toast.tsx';
import { filterOf } from './log-query.ts';

interface SavedSearchesProps {
  readonly params: UrlParams;
  readonly onChange: (changes: UrlParams) => void;
}

/** Searches that were kept under a name, for everyone. */
export function SavedSearches({ params, onChange }: SavedSearchesProps) {
  return (
    <Menu icon={Bookmark} label="Saved searches">
      {(close) => <Searches params={params} onChange={onChange} close={close} />}
    </Menu>
  );
}

function Searches({ params, onChange, close }: SavedSearchesProps & { readonly close: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const { data, error } = useApi('/api/searches', { query: { limit: 200 } });
  const searches = data?.data.filter(({ kind }) => kind === 'logs');
  const filter = filterOf(params);
  const renew = () => client.invalidateQueries({ queryKey: ['/api/searches'] });
  const fail = (failure: ApiError) => toast(failure.message, 'error');
  const save = (event: FormEvent) => {
    event.preventDefault();
    send('POST', '/api/searches', { name, kind: 'logs', query: filter }).then(() => {
      setName('');
      toast(`Saved as “${name}”`);
      return renew();
    }, fail);
  };
  const remove = ({ id, name }: SavedSearch) =>
    send('DELETE', `/api/searches/${encodeURIComponent(id)}`).then(() => {
      toast(`Deleted “${name}”`);
      return renew();
    }, fail);
  if (error?.isMissingRoute === true) return <p className="p-2.5 text-ink-2">This server does not keep searches.</p>;
  return (
    <>
      {error !== null && <p className="p-2.5 text-error">{error.message}</p>}
      {searches?.length === 0 && <p className="px-2.5 py-1.5 text-ink-3">None yet.</p>}
      <ul className="max-h-72 overflow-y-auto">
        {searches?.map((search) => (
          <li key={search.id} className="flex items-center rounded-sm hover:bg-hover">
            <button
              type="button"
              className="min-w-0 flex-1 truncate px-2.5 py-1 text-start"
              onClick={() => {
                close();
                onChange({ ...cleared(params), ...search.query });
              }}
            >
              {search.name}
            </button>
            <Button
              kind="ghost"
              size="small"
              icon={Trash2}
              label={`Delete ${search.name}`}
              onClick={() => remove(search)}
            />
          </li>
        ))}
      </ul>
      <form onSubmit={save} className="mt-1.5 grid gap-2 border-t border-line p-2.5">
        <TextField
          label="Save this search as"
          value={name}
          onText={setName}
          maxLength={200}
          disabled={Object.keys(filter).length === 0}
          hint={Object.keys(filter).length === 0 ? 'Search for something first.' : 'Without the time range.'}
        />
        <Button type="submit" size="small" disabled={name.trim() === '' || Object.keys(filter).length === 0}>
          Save
        </Button>
      </form>
    </>
  );
}

/** Every filter of now, let go of. */
function cleared(params: UrlParams): UrlParams {
  return Object.fromEntries(Object.keys(filterOf(params)).map((name) => [name, undefined]));
}
