import type { TSchema } from '@sinclair/typebox';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ErrorReply } from '../../schemas/common.ts';
import { LIMITS } from '../../schemas/limits.ts';
import { LightwatchError } from '../errors.ts';
import type { BodyBudget } from './body-budget.ts';
import { atMost, type Body, type Item, parseBody } from './parse-body.ts';

/** Bodies are read by `parseBody` in the handler; here they stay bytes. */
export function readBodies(app: FastifyInstance, budget: BodyBudget): void {
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

export function bodyOf(request: FastifyRequest): Body {
  const { ingestBody } = request;
  if (ingestBody === undefined || ingestBody.bytes.length === 0)
    throw new LightwatchError('LW_INVALID_JSON', 'the body is empty');
  return parseBody(ingestBody.bytes, ingestBody.lines);
}

export function route(summary: string, body: TSchema, response: Record<number, TSchema>) {
  return {
    bodyLimit: LIMITS.batchBytes,
    config: { scope: 'ingest' as const },
    schema: { summary, tags: ['ingest'], body, response: { ...response, '4xx': ErrorReply, '5xx': ErrorReply } },
    // The events are checked by `admit`, one by one, so that a batch can be accepted in part.
    validatorCompiler: () => () => true,
  };
}

/** The events of `{"events":[…]}`, or of another such list. */
export function eventsOf(body: unknown, name = 'events'): readonly Item[] {
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
