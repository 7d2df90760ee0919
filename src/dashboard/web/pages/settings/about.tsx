import type { Stats } from '../../api/routes.ts';
import { Facts } from '../../ui/facts.tsx';
import { Panel } from '../../ui/panel.tsx';

/** What this is, and where more about it stands. */
export function About({ stats }: { readonly stats: Stats }) {
  return (
    <Panel title="Lightwatch">
      <Facts
        rows={[
          ['Version', stats.version],
          ['Licence', 'MIT'],
          [
            'API',
            <a key="api" className="link" href="/docs">
              every route, described
            </a>,
          ],
          ['Keys', 'press ? for the keyboard'],
        ]}
      />
    </Panel>
  );
}
