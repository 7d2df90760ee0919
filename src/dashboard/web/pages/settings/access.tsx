import { credential, signOut } from '../../api/credential.ts';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';

/** How this page reaches the server, and how others do. */
export function Access() {
  const kept = credential();
  return (
    <Panel title="Access">
      <div className="grid gap-3 px-4 pb-4">
        {kept === undefined ? (
          <p>
            This page uses no credential: the server is open to whoever reaches it. Set <code>API_KEY</code> or{' '}
            <code>JWT_SECRET</code> before it listens on more than this machine.
          </p>
        ) : (
          <>
            <p>
              {`This page sends ${kept.split('.').length === 3 ? 'a signed token' : 'an API key'}, kept for this tab alone and gone with it.`}
            </p>
            <p>
              <Button onClick={signOut}>Sign out</Button>
            </p>
          </>
        )}
        <p className="text-ink-2">
          Services send a key as <code>x-api-key</code> or <code>Authorization: Bearer</code>; live routes also take{' '}
          <code>?token=</code>.
        </p>
      </div>
    </Panel>
  );
}
