// The API's description, OpenAPI 3.1, made from the schemas that the API reads requests with:
// https://spec.openapis.org/oas/v3.1.1
import * as z from 'zod/mini';
import {
  allowSchema,
  deleteTokensSchema,
  disallowQuerySchema,
  disallowSchema,
  sessionRequestSchema,
  tokensQuerySchema,
} from '../../common/api.ts';
import {
  accessSchema,
  allowedAccessSchema,
  apiErrorSchema,
  createdTokensSchema,
  deletedTokensSchema,
  registrationTokenSchema,
  sessionResponseSchema,
  statusSchema,
  tokensPageSchema,
} from '../../common/apiResponses.ts';
import { createTokensSchema, tokenValueSchema, updateTokenSchema } from '../../common/token.ts';

type Json = Record<string, unknown>;

interface Operation {
  readonly summary: string;
  readonly open?: boolean;
  readonly parameters?: readonly Json[];
  readonly body?: z.ZodMiniType;
  readonly status?: number;
  /** Undefined: an empty object. */
  readonly answer?: z.ZodMiniType;
  readonly answerType?: string;
}

const PATHS: Record<string, Record<string, Operation>> = {
  '/session': {
    post: {
      summary:
        'Signs in with an OpenID token of the homeserver; the answer has the bearer token for the rest',
      open: true,
      body: sessionRequestSchema,
      answer: sessionResponseSchema,
    },
  },
  '/tokens': {
    get: {
      summary: 'A page of the registration tokens',
      parameters: queryParameters(tokensQuerySchema),
      answer: tokensPageSchema,
    },
    post: {
      summary: 'Creates one or several; absent: the configured default; null: no limit, no expiry',
      body: createTokensSchema,
      status: 201,
      answer: createdTokensSchema,
    },
  },
  '/tokens/delete': {
    post: {
      summary: 'Deletes many, each with its own outcome',
      body: deleteTokensSchema,
      answer: deletedTokensSchema,
    },
  },
  '/tokens/{token}': {
    get: {
      summary: 'One token; its ETag stands for its limits',
      parameters: [pathParameter('token', tokenValueSchema)],
      answer: registrationTokenSchema,
    },
    patch: {
      summary: 'Changes limits; absent: keep; null: none. 412 if they are not those of If-Match any more',
      parameters: [
        pathParameter('token', tokenValueSchema),
        { name: 'If-Match', in: 'header', required: false, schema: { type: 'string' } },
      ],
      body: updateTokenSchema,
      answer: registrationTokenSchema,
    },
    delete: {
      summary: 'Deletes it',
      parameters: [pathParameter('token', tokenValueSchema)],
    },
  },
  '/access': {
    get: { summary: 'Who may manage tokens', answer: accessSchema },
    post: {
      summary: 'Allows user IDs or patterns: all of them, or none if one is not valid',
      body: allowSchema,
      answer: allowedAccessSchema,
    },
  },
  '/access/delete': {
    post: {
      summary:
        'Takes some back: all of them, or none if one is not there. 409 if every user of the homeserver would have access then, unless `confirm` is true',
      body: disallowSchema,
      answer: accessSchema,
    },
  },
  '/access/{pattern}': {
    delete: {
      summary: 'Takes one back; `/access/delete` takes those with a `/` through any reverse proxy',
      parameters: [pathParameter('pattern', z.string()), ...queryParameters(disallowQuerySchema)],
      answer: accessSchema,
    },
  },
  '/status': { get: { summary: 'What works and what does not', answer: statusSchema } },
  '/events': {
    get: {
      summary: 'Server-sent events: `tokens`, `access`, `reset`',
      parameters: [{ name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'string' } }],
      answer: z.string(),
      answerType: 'text/event-stream',
    },
  },
};

export function openApi(): Json {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Matrix Registration Bot: the widget’s API',
      version: '1',
      description:
        'Times are epoch milliseconds. Errors have the form of the Matrix specification. `code` is the kind of problem, `problem` which one exactly, `params` what its sentences are made of, and `translation` cause and remedy in German, where Accept-Language prefers it.',
    },
    servers: [{ url: '.', description: 'Where this description is served' }],
    paths: Object.fromEntries(
      Object.entries(PATHS).map(([path, operations]) => [
        path,
        Object.fromEntries(
          Object.entries(operations).map(([method, operation]) => [method, describe(operation)]),
        ),
      ]),
    ),
    components: {
      securitySchemes: { session: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: schemaOf(apiErrorSchema) },
    },
  };
}

function describe(operation: Operation): Json {
  const { summary, open = false, parameters, body, status = 200, answer, answerType } = operation;
  return {
    summary,
    security: open ? [] : [{ session: [] }],
    ...(parameters === undefined ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: content(schemaOf(body)) } }),
    responses: {
      [status]: {
        description: 'Done',
        content: content(
          answer === undefined ? { type: 'object', maxProperties: 0 } : schemaOf(answer),
          answerType,
        ),
      },
      default: {
        description: 'An error',
        content: content({ $ref: '#/components/schemas/Error' }),
      },
    },
  };
}

function content(schema: Json, type = 'application/json'): Json {
  return { [type]: { schema } };
}

function schemaOf(schema: z.ZodMiniType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' }) as Json;
  return rest;
}

function pathParameter(name: string, schema: z.ZodMiniType): Json {
  return { name, in: 'path', required: true, schema: schemaOf(schema) };
}

function queryParameters(schema: z.ZodMiniType): Json[] {
  const { properties = {} } = schemaOf(schema) as { properties?: Json };
  return Object.entries(properties).map(([name, of]) => ({ name, in: 'query', required: false, schema: of }));
}
