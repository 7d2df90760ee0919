import colors from 'picocolors';
import { ConfigError, describeConfig, readConfig } from '../config.ts';
import { inertLine } from '../core/inert-text.ts';
import { CommandFailure, EXIT } from './failure.ts';

/** `lightwatch config`: what is in force and where it comes from; the faults, if there are any, after it. */
export function showConfig({ json }: { readonly json: boolean }): void {
  const settings = describeConfig();
  if (json) process.stdout.write(`${JSON.stringify(settings, undefined, 2)}\n`);
  else process.stdout.write(table(settings));
  try {
    readConfig();
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandFailure(error.message, EXIT.usage);
    throw error;
  }
}

function table(settings: ReturnType<typeof describeConfig>): string {
  const rows = settings.map(({ value, ...rest }) => ({ ...rest, value: value === '' ? '-' : inertLine(value) }));
  const width = (column: 'name' | 'value' | 'source') => Math.max(...rows.map((row) => row[column].length));
  const [nameWidth, valueWidth, sourceWidth] = [width('name'), Math.min(width('value'), 40), width('source')];
  return rows
    .map(({ name, value, source, about }) => {
      const shown = source === 'default' ? colors.dim(value.padEnd(valueWidth)) : colors.bold(value.padEnd(valueWidth));
      return `${name.padEnd(nameWidth)}  ${shown}  ${source.padEnd(sourceWidth)}  ${colors.dim(about)}\n`;
    })
    .join('');
}
