import { LIMITS } from '../../../../../schemas/limits.ts';
import { binaryBytes, whole } from '../../lib/format.ts';
import { Panel } from '../../ui/panel.tsx';

const ROWS: readonly (readonly [string, string])[] = [
  ['A service’s name', `${LIMITS.service} characters`],
  ['A log message', binaryBytes(LIMITS.message)],
  ['Tags of an event', `${LIMITS.tags}, keys of ${LIMITS.tagKey} and values of ${LIMITS.tagValue} characters`],
  ['meta', `${binaryBytes(LIMITS.metaBytes)}, ${LIMITS.metaDepth} deep`],
  ['A request', binaryBytes(LIMITS.bodyBytes)],
  ['A batch', `${whole(LIMITS.batchEvents)} events, ${binaryBytes(LIMITS.batchBytes)} unpacked`],
  ['A page of a list', `${LIMITS.page} events; an export has no such limit`],
  ['A search', `${whole(LIMITS.searchText)} characters`],
];

/** What is refused past which size. */
export function Limits() {
  return (
    <Panel title="Limits" hint="past these an event or a question is refused, with the reason">
      <div className="overflow-x-auto border-t border-line">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Of</th>
              <th scope="col">At most</th>
            </tr>
          </thead>
          <tbody>
            {ROWS.map(([what, most]) => (
              <tr key={what}>
                <td>{what}</td>
                <td>{most}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
