import { type Static, Type } from '@sinclair/typebox';
import { commonV1, commonV2, Host, oneOf, Service, storedFields } from './common.ts';
import { LIMITS } from './limits.ts';

export const METRIC_TYPES = ['gauge', 'counter', 'histogram'] as const;

const own = {
  service: Service,
  name: Type.String({ minLength: 1, maxLength: LIMITS.metricName }),
  value: Type.Number({ description: 'Finite' }),
  unit: Type.Optional(Type.String({ maxLength: LIMITS.unit })),
  host: Type.Optional(Host),
  metric_type: Type.Optional(oneOf(METRIC_TYPES)),
};

export const Metric = Type.Object({ ...commonV2, ...own }, { additionalProperties: false, $id: 'Metric' });
export const MetricV1 = Type.Object({ ...commonV1, ...own }, { additionalProperties: false, $id: 'MetricV1' });
export const StoredMetric = Type.Object({ ...Metric.properties, ...storedFields }, { $id: 'StoredMetric' });

export type Metric = Static<typeof Metric>;
export type StoredMetric = Static<typeof StoredMetric>;
