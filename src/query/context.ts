import type { FastifyRequest } from 'fastify';
import { CONTEXT } from '../../schemas/analytics.ts';
import type { WireEvent } from '../../schemas/event.ts';
import { toWire } from '../core/event.ts';
import { all, equals } from '../core/filter.ts';
import { LightwatchError } from '../errors.ts';
import type { ModuleContext } from '../http/module.ts';
import type { Cursor } from '../store/store.ts';
import { asked } from './asking.ts';

type Request = FastifyRequest<{ Params: { id: string }; Querystring: { before?: string; after?: string } }>;

interface Context {
  readonly before: WireEvent<'log'>[];
  readonly event: WireEvent<'log'>;
  readonly after: WireEvent<'log'>[];
}

/** Answers `GET /api/logs/:id/context`: what the same service said on the same host just before and just after. */
export function logContext({ store, clock }: ModuleContext) {
  return async (request: Request): Promise<Context> => {
    const event = await store.get('log', request.params.id);
    if (event === undefined) throw new LightwatchError('LW_NOT_FOUND', 'there is no such log event');
    const { service, host, timestamp, id } = event;
    // A sender that names no host is one wherever it runs.
    const where = all(equals('service', service), ...(host === undefined ? [] : [equals('host', host)]));
    const { query } = request;
    return asked(request, clock, async (options) => {
      const side = async (order: 'asc' | 'desc', text: string | undefined) => {
        const limit = Math.min(Number(text ?? CONTEXT.usual), CONTEXT.most);
        if (limit === 0) return [];
        const after: Cursor = { timestamp, id };
        const { events } = await store.page(
          { kind: 'log', where, order, limit, offset: 0, after, total: false },
          options,
        );
        return events.map(toWire);
      };
      const [before, after] = await Promise.all([side('desc', query.before), side('asc', query.after)]);
      return { before: before.reverse(), event: toWire(event), after };
    });
  };
}
