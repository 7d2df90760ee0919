import { useState } from 'react';
import { credential } from '../../api/credential.ts';
import { CodeBlock } from '../../ui/code-block.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Segmented } from '../../ui/segmented.tsx';

const WAYS = [
  { value: 'log', label: 'A log line' },
  { value: 'heartbeat', label: 'A heartbeat' },
  { value: 'host', label: 'This whole host' },
] as const;
type Way = (typeof WAYS)[number]['value'];

/** A command that works as it is copied, for this server; a key stands as a variable, never as itself. */
function commandFor(way: Way): string {
  const { origin } = location;
  const key = credential() === undefined ? '' : ` \\\n  -H "x-api-key: $API_KEY"`;
  const post = (path: string, body: object) =>
    `curl ${origin}${path}${key} \\\n  -H 'content-type: application/json' \\\n  -d '${JSON.stringify(body)}'`;
  switch (way) {
    case 'log':
      return post('/ingest/logs', { service: 'shop', level: 'info', message: 'hello from the shop' });
    case 'heartbeat':
      return post('/ingest/heartbeat', { service: 'shop', status: 'healthy', version: '1.0.0' });
    case 'host':
      return `${key === '' ? '' : 'LIGHTWATCH_API_KEY=$API_KEY '}node dist/bin/lightwatch.js agent --server ${origin} --file '/var/log/*.log'`;
  }
}

/** What an empty store shows: how to send the first event. It goes by itself when one arrives. */
export function FirstEvent() {
  const [way, setWay] = useState<Way>('log');
  return (
    <div className="mx-auto grid max-w-3xl gap-5 px-4 py-10 max-sm:py-6">
      <div>
        <h2 className="text-2xl font-medium tracking-tight">Send the first event</h2>
        <p className="mt-1 max-w-xl text-base text-ink-2">
          Nothing has arrived yet. Run this in a terminal of the machine that Lightwatch runs on, and the page will show
          it.
        </p>
      </div>
      <Panel>
        <div className="grid gap-3 p-4">
          <div>
            <Segmented label="What to send" options={WAYS} value={way} onChange={setWay} />
          </div>
          <CodeBlock text={commandFor(way)} label="Copy the command" />
          <p role="status" className="flex items-center gap-2.5 text-ink-2">
            <span aria-hidden="true" className="relative flex size-2">
              <span className="absolute inset-0 animate-ping rounded-full bg-accent opacity-60" />
              <span className="size-2 rounded-full bg-accent" />
            </span>
            Waiting for your first event…
          </p>
        </div>
      </Panel>
      <p className="text-ink-2">
        Anything that speaks HTTP can send: one event, a JSON array, or lines of JSON. What the routes take is described
        at{' '}
        <a className="link" href="/docs">
          /docs
        </a>
        .
      </p>
    </div>
  );
}
