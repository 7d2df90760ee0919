import { Download } from 'lucide-react';
import { addressOf, download } from '../../api/client.ts';
import { credential } from '../../api/credential.ts';
import type { UrlParams } from '../../lib/url-state.ts';
import { Menu } from '../../ui/menu.tsx';
import { toast } from '../../ui/toast.tsx';
import { queryOf } from './log-query.ts';

const FORMATS = [
  { format: 'ndjson', label: 'NDJSON', hint: 'one event a line, as it is stored' },
  { format: 'csv', label: 'CSV', hint: 'for spreadsheets' },
  { format: 'parquet', label: 'Parquet', hint: 'for DuckDB, pandas and the like' },
] as const;

/** Everything that matches, in a file: no matter how much it is. */
export function ExportMenu({ params }: { readonly params: UrlParams }) {
  return (
    <Menu icon={Download} label="Export">
      {(close) => (
        <>
          <p className="px-2.5 py-1 text-xs text-ink-3">Everything that matches, in a file</p>
          <ul>
            {FORMATS.map(({ format, label, hint }) => (
              <li key={format}>
                <a
                  href={addressOf('/api/logs/export', { query: { ...queryOf(params), format } })}
                  download={`logs.${format}`}
                  className="grid rounded-sm px-2.5 py-1 hover:bg-hover"
                  onClick={(event) => {
                    close();
                    if (credential() === undefined) return;
                    // A link carries no credential: the file is fetched here.
                    event.preventDefault();
                    save(event.currentTarget.href, `logs.${format}`).catch((error: Error) =>
                      toast(`The export failed: ${error.message}`, 'error'),
                    );
                  }}
                >
                  {label}
                  <span className="text-xs text-ink-3">{hint}</span>
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </Menu>
  );
}

async function save(address: string, name: string): Promise<void> {
  toast('Fetching the export…');
  const response = await download(address);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
