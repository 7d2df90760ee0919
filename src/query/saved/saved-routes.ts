import { randomUUID } from 'node:crypto';
import { type TObject, type TSchema, Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { Id } from '../../../schemas/common.ts';
import type { DocumentOf } from '../../../schemas/documents.ts';
import { closedQuery, LIST_PARAMETERS } from '../../../schemas/query.ts';
import {
  Dashboard,
  DashboardBody,
  DashboardList,
  SAVED,
  SavedSearch,
  SavedSearchBody,
  SavedSearchList,
} from '../../../schemas/saved.ts';
import { formatTimestamp } from '../../core/timestamp.ts';
import { LightwatchError } from '../../errors.ts';
import type { Module, ModuleContext } from '../../http/module.ts';
import { readPart } from '../../http/parameters.ts';
import type { Versioned } from '../../store/store.ts';
import { checkDashboard, checkSearch } from './check-query.ts';

/** What people save. */
type Saved = 'searches' | 'dashboards';
type BodyOf<C extends Saved> = C extends 'searches' ? SavedSearchBody : DashboardBody;

interface Resource<C extends Saved> {
  readonly collection: C;
  /** What one is called. */
  readonly one: string;
  readonly schemas: { readonly body: TObject; readonly document: TSchema; readonly list: TSchema };
  /** @throws LW_INVALID_PARAMETER for what its schema cannot see */
  check(body: BodyOf<C>, now: number): void;
}

/** Times a change is tried again when somebody else was quicker. */
const MAX_RACES = 5;

export const savedRoutes: Module = async (app, context) => {
  register(app, context, {
    collection: 'searches',
    one: 'search',
    schemas: { body: SavedSearchBody, document: SavedSearch, list: SavedSearchList },
    check: checkSearch,
  });
  register(app, context, {
    collection: 'dashboards',
    one: 'dashboard',
    schemas: { body: DashboardBody, document: Dashboard, list: DashboardList },
    check: checkDashboard,
  });
};

function register<C extends Saved>(app: FastifyInstance, { store, clock }: ModuleContext, resource: Resource<C>): void {
  const { documents } = store;
  const { collection, one, schemas } = resource;
  const path = `/api/${collection}`;
  const read = { scope: 'read' } as const;
  const write = { scope: 'write' } as const;
  const tags = ['query'];
  const params = Type.Object({ id: Id });
  const querystring = closedQuery({});

  async function kept(id: string): Promise<Versioned<DocumentOf<C>>> {
    const found = await documents.get(collection, id);
    if (found === undefined) throw new LightwatchError('LW_NOT_FOUND', `there is no such ${one}`);
    return found;
  }

  /** What the schema has let through, if it can be asked. */
  function checked(sent: unknown, now: number): BodyOf<C> {
    const body = sent as BodyOf<C>;
    resource.check(body, now);
    return body;
  }

  app.get<{ Querystring: { page?: string; limit?: string } }>(
    path,
    {
      config: read,
      schema: {
        tags,
        summary: `The ${collection}, oldest first`,
        querystring: closedQuery(LIST_PARAMETERS),
        response: { 200: schemas.list },
      },
    },
    async ({ query }) => {
      const { page, limit, offset } = readPart(query);
      const { items, total } = await documents.list(collection, { limit, offset });
      return { data: items.map(({ document }) => document), total, page, limit };
    },
  );

  app.post(
    path,
    {
      config: write,
      schema: { tags, summary: `Saves a ${one}`, querystring, body: schemas.body, response: { 201: schemas.document } },
    },
    async (request, reply) => {
      const now = clock.now();
      const body = checked(request.body, now);
      const { total } = await documents.list(collection, { limit: 1 });
      if (total >= SAVED.documents) {
        throw new LightwatchError(
          'LW_CONFLICT',
          `there are ${SAVED.documents} ${collection} already, the most allowed`,
        );
      }
      const at = formatTimestamp(now);
      const document = { ...body, id: randomUUID(), created_at: at, updated_at: at } as DocumentOf<C>;
      await documents.insert(collection, document);
      return reply.code(201).send(document);
    },
  );

  app.get<{ Params: { id: string } }>(
    `${path}/:id`,
    { config: read, schema: { tags, summary: `One ${one}`, params, querystring, response: { 200: schemas.document } } },
    async ({ params: { id } }) => (await kept(id)).document,
  );

  app.put<{ Params: { id: string } }>(
    `${path}/:id`,
    {
      config: write,
      schema: {
        tags,
        summary: `Replaces a ${one}`,
        params,
        querystring,
        body: schemas.body,
        response: { 200: schemas.document },
      },
    },
    async ({ params: { id }, body: sent }) => {
      const body = checked(sent, clock.now());
      for (let race = 0; race < MAX_RACES; race++) {
        const { document, version } = await kept(id);
        const { created_at } = document;
        const updated_at = formatTimestamp(clock.now());
        const changed = { ...body, id, created_at, updated_at } as DocumentOf<C>;
        if (await documents.update(collection, changed, version)) return changed;
      }
      throw new LightwatchError('LW_CONFLICT', `somebody else goes on changing this ${one}`);
    },
  );

  app.delete<{ Params: { id: string } }>(
    `${path}/:id`,
    {
      config: write,
      schema: { tags, summary: `Deletes a ${one}`, params, querystring, response: { 204: Type.Null() } },
    },
    async ({ params: { id } }, reply) => {
      await kept(id);
      await documents.delete(collection, id);
      return reply.code(204).send(null);
    },
  );
}
