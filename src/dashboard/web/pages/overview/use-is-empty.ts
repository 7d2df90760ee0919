import { useApi } from '../../api/use-api.ts';

/** Lightwatch reports itself: that alone is no first event. */
const ITSELF = 'lightwatch';
const WAITING_MS = 1_000;

/** Whether nobody has sent anything yet; undefined until it is known. While it is so, it is asked again and again. */
export function useIsEmpty(): boolean | undefined {
  const heartbeats = useApi('/api/services', { query: { limit: 500 } });
  const heard = heartbeats.data?.data.some(({ service }) => service !== ITSELF);
  const others = { enabled: heard === false, everyMs: WAITING_MS };
  const metrics = useApi('/api/metrics/sources', others);
  const logs = useApi('/api/logs/histogram', { ...others, query: { by: 'service', from: 'now-30d', interval: '30d' } });
  const security = useApi('/api/security', { ...others, query: { limit: 1, total: 'none' } });
  if (heard !== false) return heard === undefined ? undefined : false;
  if (metrics.data === undefined || logs.data === undefined || security.data === undefined) return undefined;
  return (
    metrics.data.data.every((service) => service === ITSELF) &&
    logs.data.data.every(({ counts }) => Object.keys(counts).every((service) => service === ITSELF)) &&
    security.data.data.length === 0
  );
}
