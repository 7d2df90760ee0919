import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import { Id, oneOf, Service } from '../../schemas/common.ts';
import { INCIDENT_STATES, Incident, IncidentList } from '../../schemas/incident.ts';
import { LIMITS } from '../../schemas/limits.ts';
import { closedQuery, LIST_PARAMETERS } from '../../schemas/query.ts';
import type { Clock } from '../core/clock.ts';
import { acknowledge, addNote, publicIncident, resolve } from '../core/incident.ts';
import { LightwatchError } from '../errors.ts';
import { callerOf } from '../http/auth.ts';
import { readPart } from '../http/parameters.ts';
import type { Documents } from '../store/store.ts';
import type { Incidents } from './incidents.ts';
import { envelope } from './paging.ts';

/** Fields that make a group, each with its value and what stands between. */
const MAX_GROUP_NAME = 4096;

const IncidentQuery = closedQuery({
  ...LIST_PARAMETERS,
  status: Type.Optional(oneOf(INCIDENT_STATES)),
  service: Type.Optional(Service),
  rule: Type.Optional(Type.String({ minLength: 1, maxLength: LIMITS.id, description: "The rule's id" })),
  group: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_GROUP_NAME })),
});
const NoteBody = Type.Object(
  { note: Type.String({ minLength: 1, maxLength: 4096, description: 'What is known, or was done' }) },
  { additionalProperties: false },
);

const tags = ['alerts'];
const params = Type.Object({ id: Id });
const response = { 200: Incident };
const read = { scope: 'read' } as const;
const write = { scope: 'write' } as const;

interface IncidentRouteOptions {
  readonly incidents: Incidents;
  readonly documents: Documents;
  readonly clock: Clock;
}

/** Incidents, and what people do with them. */
export const incidentRoutes: FastifyPluginAsyncTypebox<IncidentRouteOptions> = async (
  app,
  { incidents, documents, clock },
) => {
  const listed = {
    tags,
    summary: 'Incidents, newest first',
    querystring: IncidentQuery,
    response: { 200: IncidentList },
  };
  app.get('', { config: read, schema: listed }, async ({ query }) => {
    const part = readPart(query);
    const page = await documents.list('incidents', { ...part, order: 'desc', where: incidentFilter(query) });
    return envelope(page, part, publicIncident);
  });

  app.get(
    '/:id',
    { config: read, schema: { tags, summary: 'One incident', params, querystring: closedQuery({}), response } },
    async (request) => {
      const kept = await documents.get('incidents', request.params.id);
      if (kept === undefined) throw new LightwatchError('LW_NOT_FOUND', 'there is no such incident');
      return publicIncident(kept.document);
    },
  );

  const taken = { tags, summary: 'Says that somebody has it', params, response };
  app.post('/:id/acknowledge', { config: write, schema: taken }, async (request) => {
    const { name } = callerOf(request);
    const changed = await incidents.change(request.params.id, (incident) => {
      const next = acknowledge(incident, name, clock.now());
      if (next === undefined) throw new LightwatchError('LW_CONFLICT', 'the incident is resolved');
      return next === incident ? undefined : { incident: next, event: 'acknowledged' };
    });
    return publicIncident(changed);
  });

  const ended = { tags, summary: 'Ends it by hand', params, response };
  app.post('/:id/resolve', { config: write, schema: ended }, async (request) => {
    const { name } = callerOf(request);
    const changed = await incidents.change(request.params.id, (incident) => {
      const next = resolve(incident, name, clock.now());
      return next === incident ? undefined : { incident: next, event: 'resolved' };
    });
    return publicIncident(changed);
  });

  const noted = { tags, summary: 'Adds a note to its history', params, body: NoteBody, response };
  app.post('/:id/notes', { config: write, schema: noted }, async (request) => {
    const { name } = callerOf(request);
    const changed = await incidents.change(request.params.id, (incident) => ({
      incident: addNote(incident, name, clock.now(), request.body.note),
      event: 'noted',
    }));
    return publicIncident(changed);
  });
};

function incidentFilter({ status, service, rule, group }: Static<typeof IncidentQuery>) {
  return {
    ...(status !== undefined && { status }),
    ...(service !== undefined && { service }),
    ...(rule !== undefined && { ruleId: rule }),
    ...(group !== undefined && { group }),
  };
}
