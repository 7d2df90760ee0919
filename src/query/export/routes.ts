import { Type } from '@sinclair/typebox';
import { EXPORT_QUERIES, type ExportedKind } from '../../../schemas/export.ts';
import type { Module } from '../../http/module.ts';
import { exporter } from './export.ts';

const NAMES: Readonly<Record<ExportedKind, string>> = { log: 'logs', metric: 'metrics', security: 'security' };

export const exportRoutes: Module = async (app, context) => {
  const exportOf = exporter(context);
  for (const kind of Object.keys(NAMES) as ExportedKind[]) {
    app.get(
      `/api/${NAMES[kind]}/export`,
      {
        config: { scope: 'read' },
        schema: {
          tags: ['query'],
          summary: `All ${kind} events that match, streamed`,
          querystring: EXPORT_QUERIES[kind],
          response: { 200: Type.Unsafe<unknown>(Type.String({ description: 'NDJSON, CSV or Parquet' })) },
        },
      },
      exportOf(kind, NAMES[kind]),
    );
  }
};
