/** Starting and stopping long-lived parts in order, so that a failed start undoes what it began. */

/** A long-lived part. `stop()` resolves when nothing of it runs any more; calling it twice is harmless. */
export interface Service {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts services in order; when one fails, those before it are stopped in reverse and its error is thrown. */
export async function startAll(services: readonly Service[]): Promise<void> {
  const started: Service[] = [];
  try {
    for (const service of services) {
      await service.start();
      started.push(service);
    }
  } catch (error) {
    await stopAll(started).catch(() => {});
    throw error;
  }
}

/** Stops services in reverse order. Every one is stopped even when another fails; failures are thrown together. */
export async function stopAll(services: readonly Service[]): Promise<void> {
  const failures: unknown[] = [];
  for (const service of services.toReversed()) {
    try {
      await service.stop();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'some parts of the node did not stop cleanly');
}
