import { Time } from './time.tsx';

const MOMENT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/;

/** A sentence of the server; the moments in it are in the zone of whoever looks. */
export function WithTimes({ text }: { readonly text: string }) {
  const moment = MOMENT.exec(text);
  if (moment === null) return text;
  const [at] = moment;
  return (
    <>
      {text.slice(0, moment.index)}
      <Time at={at} />
      <WithTimes text={text.slice(moment.index + at.length)} />
    </>
  );
}
