import { type ChildProcess, fork } from 'node:child_process';

/** What a worker can be asked: each method takes one parameter and answers what JSON can carry. */
export type Methods = Record<string, (parameter: never) => unknown>;

interface Call {
  readonly id: number;
  readonly method: string;
  readonly parameter: unknown;
}

type Answer = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly error: string };

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** A process of the benchmark's own: a generator of load, or a ceiling to compare with. */
export interface Worker<M extends Methods> {
  readonly pid: number;
  call<N extends keyof M & string>(method: N, parameter: Parameters<M[N]>[0]): Promise<Awaited<ReturnType<M[N]>>>;
  stop(): Promise<void>;
}

/** Starts `bench/<name>` in a process of its own, on this Node or on another. */
export function startWorker<M extends Methods>(name: string, execPath = process.execPath): Worker<M> {
  const child: ChildProcess = fork(new URL(`./${name}.js`, import.meta.url), { execPath, env: {} });
  const waiting = new Map<number, Waiting>();
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      for (const { reject } of waiting.values()) reject(new Error(`${name} ended early: ${signal ?? code}`));
      waiting.clear();
      resolve();
    });
  });
  child.on('message', (answer: Answer) => {
    const caller = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('error' in answer) caller?.reject(new Error(`${name}: ${answer.error}`));
    else caller?.resolve(answer.result);
  });
  let calls = 0;
  return {
    pid: child.pid ?? 0,
    call(method, parameter) {
      const call: Call = { id: ++calls, method, parameter };
      return new Promise((resolve, reject) => {
        // The worker runs the very methods of M: what comes back is what they returned.
        waiting.set(call.id, { resolve: resolve as Waiting['resolve'], reject });
        child.send(call, (error) => error && reject(error));
      });
    },
    stop() {
      if (child.connected) child.disconnect();
      child.kill();
      return ended;
    },
  };
}

/** The worker's side: answers calls until its parent goes away. */
export function serveCalls(methods: Methods): void {
  process.on('message', async ({ id, method, parameter }: Call) => {
    let answer: Answer;
    try {
      const run = methods[method] as ((parameter: unknown) => unknown) | undefined;
      if (run === undefined) throw new Error(`BUG: no method ${method}`);
      answer = { id, result: await run(parameter) };
    } catch (error) {
      answer = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    process.send?.(answer);
  });
  process.once('disconnect', () => process.exit());
}
