import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Takes a state directory for this process: two agents on one would send each line twice and lose each other's offsets.
 * @returns how to give it back.
 * @throws Error with a sentence for the person who started the second.
 */
export async function lockState(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'agent.pid');
  if (!(await create(path))) {
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    if (isAlive(holder))
      throw new Error(
        `another agent (process ${holder}) uses ${directory}; stop it, or give this one its own --state directory`,
      );
    await rm(path, { force: true });
    if (!(await create(path))) throw new Error(`another agent has just taken ${directory}`);
  }
  return () => rm(path, { force: true });
}

async function create(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(`${process.pid}\n`);
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** In a container each start may get the same number: our own is what a killed predecessor left. */
function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
