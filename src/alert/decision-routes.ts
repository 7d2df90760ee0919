import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { Id } from '../../schemas/common.ts';
import { DecisionList } from '../../schemas/decision.ts';
import { closedQuery, LIST_PARAMETERS } from '../../schemas/query.ts';
import { LightwatchError } from '../errors.ts';
import { readPart } from '../http/parameters.ts';
import type { Documents } from '../store/store.ts';
import type { DecisionLog } from './decision-log.ts';

interface DecisionRouteOptions {
  readonly decisions: DecisionLog;
  readonly documents: Documents;
  /** Whose decisions: under the prefix of a rule or of an incident. */
  readonly of: 'rule' | 'incident';
}

/** Why a rule, or an incident, did or did not page: `/:id/decisions`. */
export const decisionRoutes: FastifyPluginAsyncTypebox<DecisionRouteOptions> = async (
  app,
  { decisions, documents, of },
) => {
  const schema = {
    tags: ['alerts'],
    summary: `Why the ${of} did or did not page, newest first`,
    params: Type.Object({ id: Id }),
    querystring: closedQuery(LIST_PARAMETERS),
    response: { 200: DecisionList },
  };
  app.get('/:id/decisions', { config: { scope: 'read' }, schema }, async ({ params: { id }, query }) => {
    const { page, limit, offset } = readPart(query);
    const whose = await documents.get(of === 'rule' ? 'rules' : 'incidents', id);
    if (whose === undefined) throw new LightwatchError('LW_NOT_FOUND', `there is no such ${of}`);
    const found = await decisions.list(of === 'rule' ? { ruleId: id } : { incident_id: id }, offset, limit);
    return { ...found, page, limit };
  });
};
