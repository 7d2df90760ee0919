import type { TSchema } from '@sinclair/typebox';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { ErrorReply } from '../../schemas/common.ts';
import { EVENT_SCHEMAS, KINDS, type Kind } from '../../schemas/event.ts';
import { Accepted, Batch, BatchReply, Bulk, Increment, Queued } from '../../schemas/ingest.ts';
import { LIMITS } from '../../schemas/limits.ts';
import type { EventOf } from '../core/event.ts';
import { LightwatchError } from '../errors.ts';
import { asLightwatchError } from '../http/error-handler.ts';
import type { ModuleContext } from '../http/module.ts';
import { type AdmitOptions, admit, type Refusal } from './admit.ts';
import { BodyBudget } from './body-budget.ts';
import { Counters } from './counters.ts';
import { atMost, type Body, type Item, parseBody } from './parse-body.ts';
import type { Recorder } from './recorder.ts';

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

/** The writing side of the API server's dialect: events are of any kind, logs if they say none. */
function apiServerRoutes(app: FastifyInstance, ingest: Ingest, { store, clock }: IngestOptions): void {
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
      if (claimed === undefined) throw new LightwatchError(NO_KIND.code, NO_KIND.message);
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

/** Bodies are read by `parseBody` in the handler; here they stay bytes. */
function readBodies(app: FastifyInstance, budget: BodyBudget): void {
  app.removeAllContentTypeParsers();
  const types = { 'application/json': { lines: false }, 'application/x-ndjson': { lines: true } };
  for (const [type, { lines }] of Object.entries(types)) {
    app.addContentTypeParser(type, (request, payload, done) => {
      budget.read(request, payload, (error, bytes) => {
        if (bytes !== undefined) request.ingestBody = { bytes, lines };
        done(error, undefined);
      });
    });
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    ingestBody?: { readonly bytes: Buffer; readonly lines: boolean };
  }
}

function bodyOf(request: FastifyRequest): Body {
  const { ingestBody } = request;
  if (ingestBody === undefined || ingestBody.bytes.length === 0)
    throw new LightwatchError('LW_INVALID_JSON', 'the body is empty');
  return parseBody(ingestBody.bytes, ingestBody.lines);
}

function route(summary: string, body: TSchema, response: Record<number, TSchema>) {
  return {
    bodyLimit: LIMITS.batchBytes,
    config: { scope: 'ingest' as const },
    schema: { summary, tags: ['ingest'], body, response: { ...response, '4xx': ErrorReply, '5xx': ErrorReply } },
    // The events are checked by `admit`, one by one, so that a batch can be accepted in part.
    validatorCompiler: () => () => true,
  };
}

/** The events of `{"events":[…]}`, or of another such list. */
function eventsOf(body: unknown, name = 'events'): readonly Item[] {
  const { [name]: events, ...rest } =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw new LightwatchError('LW_INVALID_REQUEST', `${unknown}: is not a known field`, {
      details: [{ field: unknown, message: 'is not a known field' }],
    });
  if (!Array.isArray(events)) {
    throw new LightwatchError('LW_INVALID_REQUEST', `${name}: must be a list`, {
      details: [{ field: name, message: 'must be a list' }],
    });
  }
  return atMost(events).map((value) => ({ value }));
}

/** A value and the kind of event it is meant to be. */
interface Claimed {
  readonly kind: Kind;
  readonly value: unknown;
}

/** Takes the kind out of an event that says it; undefined when it says none that exists, and there is no usual one. */
function claimKind(value: unknown, usual?: Kind): Claimed | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { kind: claimed = usual, ...event } = value as Record<string, unknown>;
  const kind = KINDS.find((known) => known === claimed);
  if (kind === 'span') return { kind, value: ownKind(event) };
  return kind === undefined ? undefined : { kind, value: event };
}

/** `kind` says that the event is a span: what kind of span stands under `span_kind`. */
function ownKind({ span_kind, ...span }: Record<string, unknown>): Record<string, unknown> {
  return span_kind === undefined ? span : { ...span, kind: span_kind };
}

const NO_KIND: Refusal = { code: 'LW_INVALID_EVENT', message: `kind: must be one of ${KINDS.join(', ')}` };

/** One call's way from values to stored events. */
class Ingest {
  private readonly recorder: Recorder;

  constructor(recorder: Recorder) {
    this.recorder = recorder;
  }

  /** Stores one event and has it answered: by `answer`, which is given its id, or as an error. */
  one<K extends Kind>(
    kind: K,
    value: unknown,
    when: AdmitOptions,
    reply: FastifyReply,
    answer: (id: string) => void,
  ): void {
    const admission = admit(kind, value, when);
    if ('refusal' in admission) {
      const { code, message, details } = admission.refusal;
      throw new LightwatchError(code, message, { details: details ?? [] });
    }
    this.recorder.submit(
      kind,
      [admission.event],
      (recorded) => answer(recorded.id(0)),
      (error) => reply.send(error),
    );
  }

  /** Stores a counter with its new total; answers its id. */
  async increment(counters: Counters, value: unknown, when: AdmitOptions): Promise<string> {
    const admission = admit('metric', value, when);
    if ('refusal' in admission) {
      const { code, message, details } = admission.refusal;
      throw new LightwatchError(code, message, { details: details ?? [] });
    }
    const { event } = admission;
    if (event.value < 0) {
      const details = [{ field: 'value', message: 'must be at least 0' }];
      throw new LightwatchError('LW_INVALID_EVENT', 'value: must be at least 0', { details });
    }
    const counter = await counters.add(event);
    try {
      return (await this.recorder.record('metric', [counter])).id(0);
    } catch (error) {
      counters.forget(event);
      throw error;
    }
  }

  /**
   * Stores what can be accepted of many, and says what was refused and why. Each kind is stored by itself: should that
   * fail for some kinds, only their events are refused.
   * @throws why it failed when nothing was stored: the whole batch can then be sent again
   */
  async batch(
    items: readonly Item[],
    claim: (value: unknown) => Claimed | undefined,
    when: AdmitOptions,
    request: FastifyRequest,
    reply: FastifyReply,
    status = 200,
  ) {
    const admitted: Admitted = {
      log: noEvents(),
      metric: noEvents(),
      security: noEvents(),
      heartbeat: noEvents(),
      span: noEvents(),
    };
    const errors: BatchReply['errors'] = [];
    for (const [index, item] of items.entries()) {
      const refusal = admitInto(admitted, index, item, claim, when);
      if (refusal !== undefined) errors.push({ index, code: refusal.code, message: refusal.message });
    }

    const failures = (await Promise.all(KINDS.map((kind) => this.store(kind, admitted[kind])))).flat();
    const [first] = failures;
    const failed = failures.flatMap(({ error: { code, message }, indexes }) =>
      indexes.map((index) => ({ index, code, message })),
    );
    if (first !== undefined && failed.length + errors.length === items.length) throw first.error;
    for (const { error } of failures) request.server.errorLog.add(error, request);
    errors.push(...failed);
    if (failed.length > 0) errors.sort((a, b) => a.index - b.index);

    const counts: BatchReply = { accepted: items.length - errors.length, rejected: errors.length, errors };
    if (counts.accepted > 0 || items.length === 0) return reply.code(status).send(counts);
    const error = {
      code: 'LW_INVALID_EVENT',
      message: `every event was refused; the first: ${errors[0]?.message ?? ''}`,
    };
    return reply.code(400).send({ ...counts, error, request_id: request.id });
  }

  /** Stores the events of one kind; answers why it could not, if so. */
  private async store<K extends Kind>(kind: K, { events, indexes }: EventsOf<K>): Promise<readonly Failure[]> {
    try {
      await this.recorder.record(kind, events);
      return [];
    } catch (error) {
      return [{ error: asLightwatchError(error), indexes }];
    }
  }
}

/** Events of a kind that can be stored, and where in the batch they were. */
interface EventsOf<K extends Kind> {
  readonly events: EventOf<K>[];
  readonly indexes: number[];
}
type Admitted = { readonly [K in Kind]: EventsOf<K> };

interface Failure {
  readonly error: LightwatchError;
  readonly indexes: readonly number[];
}

const noEvents = () => ({ events: [], indexes: [] });

/** Adds an item's event to those of its kind; answers why not. */
function admitInto(
  admitted: Admitted,
  index: number,
  item: Item,
  claim: (value: unknown) => Claimed | undefined,
  when: AdmitOptions,
): Refusal | undefined {
  if ('error' in item) return { code: item.error.code, message: item.error.message };
  const claimed = claim(item.value);
  if (claimed === undefined) return NO_KIND;
  const admission = admit(claimed.kind, claimed.value, when);
  if ('refusal' in admission) return admission.refusal;
  const { events, indexes }: EventsOf<Kind> = admitted[claimed.kind];
  events.push(admission.event);
  indexes.push(index);
  return undefined;
}
