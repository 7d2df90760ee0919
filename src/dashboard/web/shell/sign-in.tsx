import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { isAccepted } from '../api/client.ts';
import { signIn } from '../api/credential.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { Mark } from './mark.tsx';

/** Asks for a key or a token. It is kept by this tab until it is closed, and sent with every request. */
export function SignIn() {
  const client = useQueryClient();
  const [key, setKey] = useState('');
  const [fault, setFault] = useState<string>();
  const [asking, setAsking] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAsking(true);
    setFault(undefined);
    try {
      if (await isAccepted(key.trim())) {
        signIn(key.trim());
        client.clear();
      } else setFault('The server does not accept this key.');
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
    setAsking(false);
  };
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <form onSubmit={submit} className="panel grid w-full max-w-sm gap-4 p-6">
        <div className="flex items-center gap-2.5">
          <Mark size={26} />
          <h1 className="text-lg font-semibold tracking-tight">Lightwatch</h1>
        </div>
        <TextField
          label="API key or token"
          hint="Kept by this tab only, until it is closed."
          error={fault}
          type="password"
          autoComplete="current-password"
          value={key}
          onText={setKey}
          required
        />
        <Button kind="primary" type="submit" disabled={asking || key.trim() === ''}>
          {asking ? 'Asking…' : 'Sign in'}
        </Button>
      </form>
    </main>
  );
}
