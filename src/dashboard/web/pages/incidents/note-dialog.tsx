import { useState } from 'react';
import { addressOf } from '../../api/client.ts';
import { useSend } from '../../api/use-send.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { AreaField, faultOf } from '../../ui/field.tsx';
import { FormError } from '../../ui/form-error.tsx';

interface NoteDialogProps {
  /** The incident's. */
  readonly id: string;
  readonly onClose: () => void;
}

/** What is known or was done, for those who come later. */
export function NoteDialog({ id, onClose }: NoteDialogProps) {
  const [note, setNote] = useState('');
  const { mutate, error, isPending } = useSend({ showsErrors: true });
  const add = () => {
    const address = addressOf('/api/alerts/incidents/:id/notes', { path: { id } });
    mutate({ method: 'POST', address, body: { note }, done: 'Noted' }, { onSuccess: onClose });
  };
  return (
    <Dialog
      title="Add a note"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" disabled={isPending || note.trim() === ''} onClick={add}>
            Add the note
          </Button>
        </>
      }
    >
      <AreaField
        label="What is known, or was done"
        value={note}
        onText={setNote}
        rows={5}
        error={faultOf(error?.faults ?? [], 'note')}
        hint="It stands in the incident's history, with your name and the time."
      />
      <FormError error={error} fields={['note']} />
    </Dialog>
  );
}
