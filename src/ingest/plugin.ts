import type { FastifyPluginAsync } from 'fastify';
import { EVENT_SCHEMAS, KINDS, type Kind } from '../../schemas/event.ts';
import { Accepted, Batch, BatchReply, Queued } from '../../schemas/ingest.ts';
import { LightwatchError } from '../errors.ts';
import type { ModuleContext } from '../http/module.ts';
import { apiServerRoutes } from './api-server.ts';
import { BodyBudget } from './body-budget.ts';
import { claimKind, Ingest } from './ingest.ts';
import type { Recorder } from './recorder.ts';
import { bodyOf, eventsOf, readBodies, route } from './requests.ts';

export interface IngestOptions extends ModuleContext {
  readonly recorder: Recorder;
}

const PATHS: Readonly<Record<Kind, string>> = {
  log: '/ingest/logs',
  metric: '/ingest/metrics',
  security: '/ingest/security',
  heartbeat: '/ingest/heartbeat',
  span: '/ingest/spans',
};

/** The routes by which events come in. What they answer with 2xx is stored. */
export const ingestModule: FastifyPluginAsync<IngestOptions> = async (app, options) => {
  const { recorder, clock } = options;
  const budget = new BodyBudget();
  budget.guard(app);
  readBodies(app, budget);
  app.stats.add('ingest', () => ({ ...recorder.stats(), bodyBytes: budget.bytes }), {
    counters: ['commits', 'events', 'repeats', 'overloaded', 'failed'],
  });
  app.addHook('onClose', () => recorder.drain());
  const ingest = new Ingest(recorder);

  for (const kind of KINDS) {
    app.post(
      PATHS[kind],
      route(`Send ${kind} events`, EVENT_SCHEMAS[kind].v2, { 200: BatchReply, 201: Accepted }),
      (request, reply) => {
        const body = bodyOf(request);
        const when = { now: clock.now(), escapes: body.escapes };
        if ('many' in body) return ingest.batch(body.many, (value) => ({ kind, value }), when, request, reply);
        ingest.one(kind, body.one, when, reply, (id) => reply.code(201).send({ status: 'accepted', id }));
        return undefined;
      },
    );
  }

  app.post(
    '/ingest/batch',
    route('Send events of several kinds', Batch, { 200: BatchReply }),
    async (request, reply) => {
      const body = bodyOf(request);
      const when = { now: clock.now(), escapes: body.escapes };
      const items = 'many' in body ? body.many : eventsOf(body.one);
      return ingest.batch(items, (value) => claimKind(value), when, request, reply);
    },
  );

  app.post('/api/logs', route('Send a log', EVENT_SCHEMAS.log.v2, { 202: Queued }), (request, reply) => {
    const body = bodyOf(request);
    if ('many' in body)
      throw new LightwatchError('LW_INVALID_REQUEST', 'body: must be an object; /ingest/logs takes several');
    const when = { now: clock.now(), escapes: body.escapes };
    ingest.one('log', body.one, when, reply, () => reply.code(202).send({ status: 'queued' }));
  });

  apiServerRoutes(app, ingest, options);
};
