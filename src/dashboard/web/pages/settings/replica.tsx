import { figure } from '../../api/figures.ts';
import type { Stats } from '../../api/routes.ts';
import { measured, plural, whole } from '../../lib/format.ts';
import { wholeDuration } from '../../lib/time.ts';
import { Badge } from '../../ui/badge.tsx';
import { Facts } from '../../ui/facts.tsx';
import { Panel } from '../../ui/panel.tsx';

/** What this replica does, and whether it leads. */
export function Replica({ stats }: { readonly stats: Stats }) {
  const { version, uptime_s, roles } = stats;
  const leader = section(stats, 'alert').leader;
  const lastTickMs = figure(stats, 'alert', 'last_tick_ms');
  const rules = figure(stats, 'alert', 'rules');
  const requests = figure(stats, 'http', 'requests');
  return (
    <Panel title="This replica" hint="several may share the work, each with some of the roles">
      <Facts
        rows={[
          ['Version', version],
          ['Up for', wholeDuration(uptime_s * 1000)],
          [
            'Roles',
            <span key="roles" className="flex flex-wrap gap-1">
              {roles.map((role) => (
                <Badge key={role}>{role}</Badge>
              ))}
            </span>,
          ],
          typeof leader === 'boolean' && [
            'Alerts',
            leader ? 'leads: it evaluates the rules and sends' : 'stands by: another replica leads',
          ],
          rules !== undefined &&
            lastTickMs !== undefined && ['Last evaluation', `${plural(rules, 'rule')} in ${measured(lastTickMs)} ms`],
          ['Store', wordOf(section(stats, 'store').engine)],
          ['Bus', wordOf(section(stats, 'bus').engine)],
          requests !== undefined && ['Requests answered', whole(requests)],
        ]}
      />
    </Panel>
  );
}

function section(stats: Stats, name: string): Readonly<Record<string, unknown>> {
  const value = stats[name];
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : '–');
