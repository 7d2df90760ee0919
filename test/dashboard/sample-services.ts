import type { Level } from '../../schemas/log.ts';
import type { Roll } from './sample-roll.ts';

/** The services of a shop, with the version that each runs. */
export const VERSIONS = {
  gateway: '4.12.0',
  shop: '2026.11.3',
  pay: '1.4.2',
  stock: '0.9.7',
  auth: '3.1.0',
  search: '7.0.1',
  mail: '1.0.8',
  batch: '2.2.0',
  cart: '2026.11.1',
  shipping: '1.19.4',
  pricing: '0.31.0',
  'image-resizer': '5.2.2',
} as const;
export type ServiceName = keyof typeof VERSIONS;
export const SERVICES = Object.keys(VERSIONS) as readonly ServiceName[];

export const HOSTS = ['web-1', 'web-2', 'app-1', 'app-2', 'app-3', 'db-1'] as const;
export const REGIONS = ['eu-central', 'eu-west', 'us-east'] as const;

export type Line = readonly [level: Level, message: (roll: Roll) => string];

/** What each service says, the usual before the rare. */
export const LINES: Readonly<Record<ServiceName, readonly Line[]>> = {
  gateway: [
    ['info', (r) => `GET /api/items/${r.int(9000)} 200 in ${r.int(40) + 3} ms`],
    ['info', (r) => `POST /api/orders 201 in ${r.int(120) + 20} ms`],
    ['debug', (r) => `upstream shop chosen for ${r.address()}`],
    ['warn', (r) => `slow upstream: shop took ${r.int(3000) + 900} ms`],
    ['error', (r) => `upstream pay failed: 502 after ${r.int(3)} retries`],
  ],
  shop: [
    ['info', (r) => `order ${r.int(90000) + 10000} placed by customer ${r.int(5000)}`],
    ['info', (r) => `cart ${r.hex(8)} updated, ${r.int(7) + 1} items`],
    ['debug', (r) => `cache hit for category ${r.int(80)}`],
    ['warn', (r) => `stock of item ${r.int(9000)} is low: ${r.int(5)} left`],
    ['error', (r) => `order ${r.int(90000) + 10000} failed: card declined by the issuer (code ${r.int(90) + 10})`],
  ],
  pay: [
    ['info', (r) => `payment ${r.hex(12)} captured: ${r.int(300)}.${r.int(90) + 10} EUR`],
    ['info', (r) => `3-D Secure finished for ${r.hex(12)} in ${r.int(9000)} ms`],
    ['warn', (r) => `gateway answered slowly: ${r.int(4000) + 1500} ms`],
    ['error', (r) => `connection to acquirer timed out after 5000 ms (attempt ${r.int(3) + 1} of 3)`],
    ['fatal', () => 'no acquirer is reachable: payments are refused until one is'],
  ],
  stock: [
    ['info', (r) => `reserved ${r.int(5) + 1} of item ${r.int(9000)}`],
    ['debug', (r) => `reconciled shelf ${r.int(400)} in ${r.int(90)} ms`],
    ['warn', (r) => `row lock waited ${r.int(800) + 100} ms on items`],
    ['error', (r) => `deadlock detected, transaction ${r.int(99999)} rolled back`],
  ],
  auth: [
    ['info', (r) => `user ${r.int(5000)} signed in from ${r.address()}`],
    ['info', (r) => `token refreshed for user ${r.int(5000)}`],
    ['warn', (r) => `wrong password for user ${r.int(5000)} from ${r.address()}`],
    ['error', () => 'session store did not answer within 200 ms'],
  ],
  search: [
    ['info', (r) => `query "${r.word()}" found ${r.int(400)} items in ${r.int(60) + 2} ms`],
    ['debug', (r) => `segment ${r.hex(6)} merged, ${r.int(90)} MB`],
    ['warn', (r) => `query "${r.word()}" hit the limit of 10000 candidates`],
    ['error', (r) => `shard ${r.int(6)} is unavailable:\nconnection refused\n  at Shard.open (shard.js:${r.int(400)})`],
  ],
  mail: [
    ['info', (r) => `sent order confirmation to customer ${r.int(5000)}`],
    ['warn', (r) => `bounced: mailbox of customer ${r.int(5000)} is full`],
    ['error', () => 'SMTP relay refused: 421 too many connections'],
  ],
  batch: [
    ['info', (r) => `invoice run ${r.int(90)} finished: ${r.int(4000)} invoices in ${r.int(90)} s`],
    ['debug', (r) => `partition ${r.int(64)} done`],
    ['error', (r) => `invoice run ${r.int(90)} stopped: disk quota exceeded on /var/spool/invoices`],
  ],
  cart: [
    ['info', (r) => `cart ${r.hex(8)}: item ${r.int(9000)} added`],
    ['info', (r) => `cart ${r.hex(8)} priced at ${r.int(400)}.${r.int(90) + 10} EUR`],
    ['debug', (r) => `evicted ${r.int(300)} idle carts`],
    ['error', (r) => `cart ${r.hex(8)} lost its lock after ${r.int(9000)} ms`],
  ],
  shipping: [
    ['info', (r) => `parcel ${r.hex(10).toUpperCase()} handed to carrier ${r.of(['DHL', 'UPS', 'GLS'])}`],
    ['info', (r) => `label printed for order ${r.int(90000) + 10000}`],
    ['warn', (r) => `carrier ${r.of(['DHL', 'UPS', 'GLS'])} answers after ${r.int(20) + 4} s`],
    ['error', (r) => `no rate for postcode ${r.int(90000) + 10000}`],
  ],
  pricing: [
    ['info', (r) => `${r.int(9000)} prices recomputed in ${r.int(900)} ms`],
    ['debug', (r) => `rule "${r.word()}" matched item ${r.int(9000)}`],
    ['warn', (r) => `price of item ${r.int(9000)} moved by ${r.int(60) + 20} %`],
  ],
  'image-resizer': [
    ['info', (r) => `items/${r.int(9000)}.jpg resized to ${r.of([320, 640, 1280])} px in ${r.int(300)} ms`],
    ['debug', (r) => `worker ${r.int(8)} is idle`],
    ['error', (r) => `items/${r.int(9000)}.jpg: unexpected end of JPEG data`],
  ],
};
