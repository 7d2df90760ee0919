/** Work that follows loading, one step after the other while there is time for it. Nobody waits for it. */
export class Behind {
  /** Does one step; false when there is nothing left to do. */
  private readonly step: () => Promise<boolean>;
  private readonly isIdle: () => boolean;
  private readonly failed: (cause: unknown) => void;
  private working: Promise<void> | undefined;
  private closed = false;

  constructor(step: () => Promise<boolean>, isIdle: () => boolean, failed: (cause: unknown) => void) {
    this.step = step;
    this.isIdle = isIdle;
    this.failed = failed;
  }

  /** There may be something to do. */
  wake(): void {
    if (this.closed) return;
    this.working ??= this.work().finally(() => {
      this.working = undefined;
    });
  }

  /** Resolves when nothing is being done. */
  async settled(): Promise<void> {
    await this.working;
  }

  /** Ends after the step that is under way. */
  async close(): Promise<void> {
    this.closed = true;
    await this.working;
  }

  private async work(): Promise<void> {
    try {
      while (!this.closed && this.isIdle() && (await this.step()));
    } catch (cause) {
      // Nothing is lost but speed, and the next load tries again.
      if (!this.closed) this.failed(cause);
    }
  }
}
