import type { FastifyInstance } from 'fastify';
import { list } from '../../../schemas/common.ts';
import { closedQuery, LIST_PARAMETERS } from '../../../schemas/query.ts';
import { type Dashboard, Panel, SAVED } from '../../../schemas/saved.ts';
import { formatTimestamp } from '../../core/timestamp.ts';
import { LightwatchError } from '../../errors.ts';
import type { ModuleContext } from '../../http/module.ts';
import { readPart } from '../../http/parameters.ts';
import { checkDashboard } from '../saved/check-query.ts';

/** The dashboard that widgets are the panels of. */
const ID = 'widgets';
const MAX_RACES = 5;

/** `GET` and `POST /api/v1/dashboard/widgets`: panels of one dashboard, which can be read and changed as such too. */
export function registerWidgets(app: FastifyInstance, { store: { documents }, clock }: ModuleContext): void {
  const tags = ['query'];
  const url = '/api/v1/dashboard/widgets';
  app.get<{ Querystring: { page?: string; limit?: string } }>(
    url,
    {
      config: { scope: 'read' },
      schema: { tags, summary: 'Widgets', querystring: closedQuery(LIST_PARAMETERS), response: { 200: list(Panel) } },
    },
    async ({ query }) => {
      const { page, limit, offset } = readPart(query);
      const panels = (await documents.get('dashboards', ID))?.document.panels ?? [];
      return { data: panels.slice(offset, offset + limit), total: panels.length, page, limit };
    },
  );
  app.post<{ Body: Panel }>(
    url,
    {
      config: { scope: 'write' },
      schema: { tags, summary: 'Adds a widget', querystring: closedQuery({}), body: Panel, response: { 201: Panel } },
    },
    async ({ body }, reply) => {
      checkDashboard({ name: ID, panels: [body] }, clock.now());
      await add(body);
      return reply.code(201).send(body);
    },
  );

  async function add(panel: Panel): Promise<void> {
    for (let race = 0; race < MAX_RACES; race++) {
      const at = formatTimestamp(clock.now());
      const kept = await documents.get('dashboards', ID);
      const before: Dashboard = kept?.document ?? {
        id: ID,
        name: 'Widgets',
        panels: [],
        created_at: at,
        updated_at: at,
      };
      if (before.panels.length >= SAVED.panels)
        throw new LightwatchError('LW_CONFLICT', `there are ${SAVED.panels} widgets already, the most allowed`);
      const after = { ...before, panels: [...before.panels, panel], updated_at: at };
      const done =
        kept === undefined
          ? await documents.insert('dashboards', after)
          : await documents.update('dashboards', after, kept.version);
      if (done) return;
    }
    throw new LightwatchError('LW_CONFLICT', 'somebody else goes on adding widgets');
  }
}
