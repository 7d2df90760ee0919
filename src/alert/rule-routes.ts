import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import { list, oneOf, Service } from '../../schemas/common.ts';
import { closedQuery, LIST_PARAMETERS } from '../../schemas/query.ts';
import { RULE_TYPES, Rule, RuleBody, RuleList, type RuleType } from '../../schemas/rule.ts';
import { readPart } from '../http/parameters.ts';
import type { Documents } from '../store/store.ts';
import { envelope } from './paging.ts';
import type { Rules } from './rules.ts';

const RuleQuery = closedQuery({
  ...LIST_PARAMETERS,
  service: Type.Optional(Service),
  enabled: Type.Optional(oneOf(['true', 'false'])),
  type: Type.Optional(oneOf<readonly RuleType[]>(RULE_TYPES)),
});

/** Described in the documentation as it is, and read by `Rules`, which can name the field that is wrong. */
const body = Type.Unsafe<unknown>(RuleBody);
const acceptAnything = () => (value: unknown) => ({ value });

const tags = ['alerts'];
const read = { scope: 'read' } as const;
const write = { scope: 'write' } as const;

interface RuleRouteOptions {
  readonly rules: Rules;
  readonly documents: Documents;
}

/** The rule resource. The module registers it under both of its names. */
export const ruleRoutes: FastifyPluginAsyncTypebox<RuleRouteOptions> = async (app, { rules, documents }) => {
  const listed = { tags, summary: 'Rules, oldest first', querystring: RuleQuery, response: { 200: RuleList } };
  app.get('', { config: read, schema: listed }, async ({ query }) => {
    const part = readPart(query);
    const page = await documents.list('rules', { ...part, where: ruleFilter(query) });
    return envelope(page, part, (rule) => rule);
  });

  const created = { tags, summary: 'Makes a rule', body, response: { 201: Rule } };
  app.post('', { config: write, schema: created, validatorCompiler: acceptAnything }, async (request, reply) => {
    const rule = await rules.create(request.body);
    return reply.code(201).send(rule);
  });

  const one = { tags, summary: 'One rule', querystring: closedQuery({}), response: { 200: Rule } };
  app.get<{ Params: { id: string } }>('/:id', { config: read, schema: one }, ({ params }) => rules.get(params.id));

  const replaced = { tags, summary: 'Replaces a rule', body, response: { 200: Rule } };
  app.put<{ Params: { id: string } }>(
    '/:id',
    { config: write, schema: replaced, validatorCompiler: acceptAnything },
    (request) => rules.replace(request.params.id, request.body),
  );

  const changes = Type.Unsafe<unknown>({ type: 'object', description: 'The fields to change; null takes one away' });
  const patched = { tags, summary: 'Changes some fields of a rule', body: changes, response: { 200: Rule } };
  app.patch<{ Params: { id: string } }>(
    '/:id',
    { config: write, schema: patched, validatorCompiler: acceptAnything },
    (request) => rules.patch(request.params.id, request.body),
  );

  const deleted = {
    tags,
    summary: 'Deletes a rule; the next tick resolves its incidents',
    response: { 204: Type.Null() },
  };
  app.delete<{ Params: { id: string } }>('/:id', { config: write, schema: deleted }, async ({ params }, reply) => {
    await rules.delete(params.id);
    return reply.code(204).send(null);
  });
};

/** What a dashboard chooses from. */
export const ruleServiceRoutes: FastifyPluginAsyncTypebox<RuleRouteOptions> = async (app, { rules }) => {
  const schema = {
    tags,
    summary: 'Services with an enabled rule',
    querystring: closedQuery(LIST_PARAMETERS),
    response: { 200: list(Type.String()) },
  };
  app.get('', { config: read, schema }, async ({ query }) => {
    const { page, limit, offset } = readPart(query);
    const services = await rules.services();
    return { data: services.slice(offset, offset + limit), total: services.length, page, limit };
  });
};

function ruleFilter({ service, enabled, type }: Static<typeof RuleQuery>) {
  return {
    ...(service !== undefined && { service }),
    ...(enabled !== undefined && { enabled: enabled === 'true' }),
    ...(type !== undefined && { type }),
  };
}
