/** Reads what a request gives by a shape; a wrong one becomes `bad-request` with the name of what is wrong. */
import type * as z from 'zod';
import { HeliographError } from '../errors.ts';

/** The query or body in its shape; throws `bad-request`. */
export function readRequest<T extends z.ZodType>(shape: T, value: unknown): z.output<T> {
  const parsed = shape.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) =>
    issue.path.length > 0 ? `"${issue.path.join('.')}": ${issue.message}` : issue.message,
  );
  throw new HeliographError('bad-request', faults.join('; '), { cause: parsed.error });
}
