import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import { Id, oneOf } from '../../schemas/common.ts';
import {
  DELIVERY_KINDS,
  DELIVERY_STATES,
  Delivery,
  DeliveryList,
  type StoredDelivery,
} from '../../schemas/delivery.ts';
import { closedQuery, LIST_PARAMETERS } from '../../schemas/query.ts';
import { LightwatchError } from '../errors.ts';
import { readPart } from '../http/parameters.ts';
import type { Documents } from '../store/store.ts';
import type { Outbox } from './notify/outbox.ts';
import { envelope } from './paging.ts';

const DeliveryQuery = closedQuery({
  ...LIST_PARAMETERS,
  status: Type.Optional(oneOf(DELIVERY_STATES)),
  incident_id: Type.Optional(Id),
  channel_id: Type.Optional(Id),
  kind: Type.Optional(oneOf(DELIVERY_KINDS)),
  summary_id: Type.Optional(Id),
});

const tags = ['alerts'];
const params = Type.Object({ id: Id });
const one = { 200: Delivery };

interface DeliveryRouteOptions {
  readonly documents: Documents;
  readonly outbox: Outbox;
}

/** What was sent, or is to be, and how that went. */
export const deliveryRoutes: FastifyPluginAsyncTypebox<DeliveryRouteOptions> = async (app, { documents, outbox }) => {
  const listed = {
    tags,
    summary: 'Deliveries, newest first',
    querystring: DeliveryQuery,
    response: { 200: DeliveryList },
  };
  app.get('', { config: { scope: 'read' }, schema: listed }, async ({ query }) => {
    const part = readPart(query);
    const page = await documents.list('deliveries', { ...part, order: 'desc', where: deliveryFilter(query) });
    return envelope(page, part, publicDelivery);
  });

  const got = { tags, summary: 'One delivery', params, querystring: closedQuery({}), response: one };
  app.get('/:id', { config: { scope: 'read' }, schema: got }, async (request) => {
    const kept = await documents.get('deliveries', request.params.id);
    if (kept === undefined) throw new LightwatchError('LW_NOT_FOUND', 'there is no such delivery');
    return publicDelivery(kept.document);
  });

  const retried = { tags, summary: 'Tries a delivery anew that was given up, for another day', params, response: one };
  app.post('/:id/retry', { config: { scope: 'write' }, schema: retried }, async (request) =>
    publicDelivery(await outbox.retry(request.params.id)),
  );
};

function deliveryFilter(query: Static<typeof DeliveryQuery>) {
  const { page: _page, limit: _limit, ...fields } = query;
  return fields;
}

/** Without where it goes: such URLs often hold a secret. */
function publicDelivery({
  target: _target,
  sequence: _sequence,
  expires_at: _expires,
  payload: _payload,
  ...rest
}: StoredDelivery): Delivery {
  return rest;
}
