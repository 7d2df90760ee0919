import type { FastifyInstance } from 'fastify';
import { EVENT_SCHEMAS } from '../../schemas/event.ts';
import { Accepted, BatchReply, Bulk, Increment } from '../../schemas/ingest.ts';
import { LightwatchError } from '../errors.ts';
import type { ModuleContext } from '../http/module.ts';
import { Counters } from './counters.ts';
import { claimKind, type Ingest, noKind } from './ingest.ts';
import { bodyOf, eventsOf, route } from './requests.ts';

/** The writing side of the API server's dialect: events are of any kind, logs if they say none. */
export function apiServerRoutes(app: FastifyInstance, ingest: Ingest, { store, clock }: ModuleContext): void {
  const counters = new Counters(store);
  const claims = {
    events: (value: unknown) => claimKind(value, 'log'),
    metrics: (value: unknown) => claimKind(value, 'metric'),
  };
  for (const [plural, claim] of Object.entries(claims)) {
    const url = `/api/v1/${plural}`;
    const kind = plural === 'events' ? 'log' : 'metric';
    app.post(url, route(`Send one of the ${plural}`, EVENT_SCHEMAS[kind].v2, { 201: Accepted }), (request, reply) => {
      const { escapes, ...body } = bodyOf(request);
      if ('many' in body)
        throw new LightwatchError('LW_INVALID_REQUEST', `body: must be an object; ${url}/bulk takes several`);
      const claimed = claim(body.one);
      if (claimed === undefined) throw noKind();
      const when = { now: clock.now(), escapes };
      ingest.one(claimed.kind, claimed.value, when, reply, (id) => reply.code(201).send({ status: 'accepted', id }));
    });
    app.post(`${url}/bulk`, route(`Send ${plural}`, Bulk, { 201: BatchReply }), async (request, reply) => {
      const { escapes, ...body } = bodyOf(request);
      const items = 'many' in body ? body.many : eventsOf(body.one, plural);
      return ingest.batch(items, claim, { now: clock.now(), escapes }, request, reply, 201);
    });
  }

  app.post<{ Params: { name: string } }>(
    '/api/v1/metrics/increment/:name',
    route('Adds to a counter; by 1 if there is no value', Increment, { 201: Accepted }),
    async (request, reply) => {
      const { escapes, ...body } = bodyOf(request);
      const claimed = 'one' in body ? claimKind(body.one, 'metric') : undefined;
      if (claimed?.kind !== 'metric') throw new LightwatchError('LW_INVALID_REQUEST', 'body: must be an object');
      const { name } = request.params;
      const value = { value: 1, ...(claimed.value as object), name };
      const id = await ingest.increment(counters, value, { now: clock.now(), escapes });
      return reply.code(201).send({ status: 'accepted', id });
    },
  );
}
