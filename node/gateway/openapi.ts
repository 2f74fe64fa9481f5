/** The OpenAPI 3.1 document of a listener, made from the routes that it has and the shapes in protocol/api.ts. */
import type { FastifyInstance, RouteOptions } from 'fastify';
import * as z from 'zod';
import * as api from '../../protocol/api.ts';

/** What a route says of itself; every route has one. */
export interface RouteDoc {
  summary: string;
  /** Path parameters with what they are, in the path's order. */
  params?: Readonly<Record<string, string>>;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** The good answer: a shape for JSON, or the media type of anything else, or null for an empty one. */
  answer: z.ZodType | string | null;
  status?: number;
  /** Further answers, by status. */
  also?: Readonly<Record<number, string>>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    doc?: RouteDoc;
  }
}

const inputs = new Set<z.ZodType>([
  api.channelCreate,
  api.channelEdit,
  api.channelImport,
  api.publishRequest,
  api.itemEdit,
  api.followRequest,
]);

/** Shapes that the document names: every one that protocol/api.ts exports. */
const named = new Map<z.ZodType, string>(
  Object.entries(api)
    .filter((entry): entry is [string, z.ZodType & (typeof entry)[1]] => entry[1] instanceof z.ZodType)
    .map(([name, shape]) => [shape, name.charAt(0).toUpperCase() + name.slice(1)]),
);

export interface OpenApi {
  /** The document, once every route is there. */
  document(): object;
}

/** Collects the routes that are added to `app` from now on. */
export function collectOpenApi(app: FastifyInstance, info: { title: string; version: string }): OpenApi {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  let made: object | undefined;
  return {
    document: () => {
      made ??= makeDocument(routes, info);
      return made;
    },
  };
}

function makeDocument(routes: readonly RouteOptions[], info: { title: string; version: string }): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const doc = route.config?.doc;
    if (doc === undefined) continue;
    const path = openApiPath(route.url);
    paths[path] ??= {};
    const methods = Array.isArray(route.method) ? route.method : [route.method];
    for (const method of methods) {
      if (method !== 'HEAD') paths[path][method.toLowerCase()] = operation(doc);
    }
  }
  return { openapi: '3.1.0', info, paths, components: { schemas: schemas() } };
}

/** `/ipfs/:cid` and `/hls/items/:id/*` as OpenAPI writes them. */
export function openApiPath(url: string): string {
  return url.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{path}');
}

function operation(doc: RouteDoc): object {
  const path = Object.entries(doc.params ?? {}).map(([name, description]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string' },
  }));
  const query = Object.entries(doc.query?.shape ?? {}).map(([name, shape]) => ({
    name,
    in: 'query',
    required: !z.safeParse(shape, undefined).success,
    schema: inline(shape as z.ZodType, 'input'),
  }));
  const others = Object.entries(doc.also ?? {}).map(([status, description]) => [status, { description }]);
  const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemView' } } };
  return {
    summary: doc.summary,
    ...(path.length + query.length > 0 ? { parameters: [...path, ...query] } : {}),
    ...(doc.body ? { requestBody: { required: true, content: json(doc.body) } } : {}),
    responses: {
      [doc.status ?? (doc.answer === null ? 204 : 200)]: good(doc.answer),
      ...Object.fromEntries(others),
      default: { description: 'What went wrong', content: problem },
    },
  };
}

function good(answer: RouteDoc['answer']): object {
  if (answer === null) return { description: 'Done' };
  if (typeof answer === 'string') return { description: 'Found', content: { [answer]: {} } };
  return { description: 'Found', content: json(answer) };
}

function json(shape: z.ZodType): object {
  const name = named.get(shape);
  const schema = name ? { $ref: `#/components/schemas/${name}` } : inline(shape, 'output');
  return { 'application/json': { schema } };
}

function inline(shape: z.ZodType, io: 'input' | 'output'): object {
  const { $schema, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: 'any' });
  return schema;
}

function schemas(): Record<string, object> {
  const all = [...named].map(([shape, name]) => [
    name,
    inline(shape, inputs.has(shape) ? 'input' : 'output'),
  ]);
  return Object.fromEntries(all);
}
