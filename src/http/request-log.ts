import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';

/** Requests are not logged one by one (`/metrics` counts them); a response that broke off half-way is. */
export class RequestLog extends LogController {
  constructor() {
    super({ disableRequestLogging: true });
  }

  override streamError(err: Error & { code?: string }, request: FastifyRequest, _reply: FastifyReply): void {
    // The client went away: nothing is wrong here.
    if (err.code === 'ERR_STREAM_PREMATURE_CLOSE') return;
    request.log.warn({ err, request_id: request.id, route: request.routeOptions.url }, 'a response broke off');
  }
}
