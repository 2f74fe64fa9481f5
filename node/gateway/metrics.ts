/** The node's figures for Prometheus, gathered when somebody asks. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, Registry } from 'prom-client';

/** One figure: its name without the prefix, what it is, and how to read it, alone or by one label. */
export interface Metric {
  name: string;
  help: string;
  read: () => number | Readonly<Record<string, number>>;
  /** What the keys of a record are. */
  label?: string;
}

export interface MetricsPage {
  readonly contentType: string;
  text(): Promise<string>;
  stop(): void;
}

export function createMetrics(metrics: readonly Metric[]): MetricsPage {
  const registry = new Registry();
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const all: Metric[] = [
    ...metrics,
    { name: 'memory_bytes', help: 'Resident memory', read: () => process.memoryUsage.rss() },
    {
      name: 'cpu_seconds_total',
      help: 'Processor time used',
      read: () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
    },
    {
      name: 'event_loop_delay_p99_seconds',
      help: 'Delay of the event loop since the last look, 99th percentile',
      read: () => {
        const p99 = delay.percentile(99) / 1e9;
        delay.reset();
        return p99;
      },
    },
  ];
  for (const { name, help, label, read } of all) {
    new Gauge({
      name: `heliograph_${name}`,
      help,
      labelNames: label ? [label] : [],
      registers: [registry],
      collect() {
        const value = read();
        if (typeof value === 'number') this.set(value);
        else for (const [key, each] of Object.entries(value)) this.set({ [label ?? 'key']: key }, each);
      },
    });
  }
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    stop: () => delay.disable(),
  };
}
