/** Makes the configuration of `serve` from its flags and its file; a flag beats the file. */
import { readFile } from 'node:fs/promises';
import { HeliographError } from '../errors.ts';
import type { Endpoint } from './endpoint.ts';

export interface ServeFlags {
  data?: string;
  gateway?: Endpoint;
  studio?: Endpoint;
  listen?: string[];
  bootstrap?: string[];
}

/** The JSON in a configuration file. Throws `bad-config` naming the file and what is wrong with it. */
export async function readConfigFile(file: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : String(error);
    throw new HeliographError('bad-config', `configuration file ${file}: ${reason}`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new HeliographError(
      'bad-config',
      `configuration file ${file} is not JSON: ${(error as Error).message}`,
      { cause: error },
    );
  }
  if (!isRecord(value)) {
    throw new HeliographError('bad-config', `configuration file ${file} must hold one JSON object`);
  }
  return value;
}

/**
 * The file's keys with the flags laid over them, still unchecked: `parseConfig` judges the whole.
 * A section that is no object is left as it is, so that it is refused by name and not papered over.
 */
export function layFlagsOver(file: Record<string, unknown>, flags: ServeFlags): Record<string, unknown> {
  const over = (section: string, values: object | undefined) => {
    const present = file[section] ?? {};
    if (values === undefined || !isRecord(present)) return {};
    return { [section]: { ...present, ...values } };
  };
  const network = {
    ...(flags.listen && { listen: flags.listen }),
    ...(flags.bootstrap && { bootstrap: flags.bootstrap }),
  };
  return {
    ...file,
    ...(flags.data !== undefined && { data: flags.data }),
    ...over('gateway', flags.gateway),
    ...over('studio', flags.studio),
    ...over('network', Object.keys(network).length > 0 ? network : undefined),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
