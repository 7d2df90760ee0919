import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import { Id, oneOf } from '../../schemas/common.ts';
import { DELIVERY_STATES, type Delivery, DeliveryList, type StoredDelivery } from '../../schemas/delivery.ts';
import { closedQuery, LIST_PARAMETERS } from '../../schemas/query.ts';
import { readPart } from '../http/parameters.ts';
import type { Documents } from '../store/store.ts';
import { envelope } from './paging.ts';

const DeliveryQuery = closedQuery({
  ...LIST_PARAMETERS,
  status: Type.Optional(oneOf(DELIVERY_STATES)),
  incident_id: Type.Optional(Id),
});

/** What was sent, or is to be, and how that went. */
export const deliveryRoutes: FastifyPluginAsyncTypebox<{ documents: Documents }> = async (app, { documents }) => {
  const schema = {
    tags: ['alerts'],
    summary: 'Deliveries, newest first',
    querystring: DeliveryQuery,
    response: { 200: DeliveryList },
  };
  app.get('', { config: { scope: 'read' }, schema }, async ({ query }) => {
    const part = readPart(query);
    const page = await documents.list('deliveries', { ...part, order: 'desc', where: deliveryFilter(query) });
    return envelope(page, part, publicDelivery);
  });
};

function deliveryFilter({ status, incident_id }: Static<typeof DeliveryQuery>) {
  return { ...(status !== undefined && { status }), ...(incident_id !== undefined && { incident_id }) };
}

/** Without where it goes: such URLs often hold a secret. */
function publicDelivery({
  target: _target,
  sequence: _sequence,
  payload: _payload,
  ...rest
}: StoredDelivery): Delivery {
  return rest;
}
