import type { components } from '@workflow-intelligence/client';

type Schemas = components['schemas'];

/** One value, or several of which any will do. */
type OneOrMore<T> = T | readonly T[];

/** Input of `workflow.list`; all of it may be left out. */
export interface ListInput {
  filter?: {
    status?: OneOrMore<Schemas['Status']>;
    /** A category or one of its aliases. */
    category?: OneOrMore<string>;
    owner?: OneOrMore<string>;
    priority?: OneOrMore<Schemas['Priority']>;
    /** Instants of creation, both included. */
    dateRange?: { start?: string; end?: string };
  };
  /** From page 1; 1 to 200 rows, 50 by default. */
  pagination?: { page?: number; limit?: number };
  sort?: {
    field?: 'created_at' | 'updated_at' | 'sla_deadline' | 'dollar_value' | 'priority';
    direction?: 'asc' | 'desc';
  };
}

/** Input of `workflow.get` and `workflow.delete`. */
export interface TaskInput {
  taskId: string;
}

/** Input of `workflow.update`: absent fields stay, null clears. */
export interface UpdateInput {
  taskId: string;
  updates: Schemas['UpdateTaskRequest'];
}

/** Input of `workflow.analytics`: `day` by default. */
export interface AnalyticsInput {
  period?: 'day' | 'week' | 'month';
}

/** A mutation; without `task` it is accepted and still under way: follow its job. */
export type Mutated = Schemas['AcceptedJob'] & Partial<Pick<Schemas['Applied'], 'task'>>;

/** What an error carries: `errors` names each field that is wrong. */
export interface ErrorShape {
  message: string;
  code: number;
  data: {
    code: string;
    httpStatus: number;
    path?: string;
    stack?: string;
    errors: Schemas['Issue'][];
  };
}

interface Transformer {
  serialize(object: any): any;
  deserialize(object: any): any;
}

/** Plain JSON on the wire. Version 10 knows this by the mark, version 11 by `$types`. */
interface Config {
  $types: { ctx: object; meta: object; errorShape: ErrorShape; transformer: false };
  transformer: { input: Transformer; output: Transformer; _default: true };
  // What follows concerns servers written with tRPC; the clients only ask for its presence.
  errorFormatter: any;
  allowOutsideOfServer: any;
  isServer: any;
  isDev: any;
  pathSeparator: any;
}

/** A procedure with the marks that version 11 and, with an underscore, version 10 read. */
interface Procedure<Type extends 'query' | 'mutation', Input, Output> {
  (options: any): Promise<Output>;
  _type: Type;
  _procedure: true;
  meta: any;
  _def: {
    $types: { input: Input; output: Output; errorShape: ErrorShape };
    procedure: true;
    type: Type;
    meta: any;
    experimental_caller: any;
    inputs: any;
    middlewares: any;
    _config: Config;
    _meta: object;
    _ctx_out: object;
    _input_in: Input;
    _input_out: Input;
    _output_in: Output;
    _output_out: Output;
  };
}

type Query<Input, Output> = Procedure<'query', Input, Output>;
type Mutation<Input, Output> = Procedure<'mutation', Input, Output>;

/** Type aliases, because version 11 wants index signatures of what is nested, and `any` where only version 10 looks. */
type Nested<Procedures> = Procedures & {
  createCaller: any;
  getErrorShape: any;
  _def: {
    _config: any;
    router: any;
    procedures: any;
    record: Procedures;
    queries: any;
    mutations: any;
    subscriptions: any;
  };
};

type Procedures = {
  list: Query<ListInput | undefined, Schemas['TaskList']>;
  get: Query<TaskInput, Schemas['TaskWithHistory']>;
  metrics: Query<undefined, Schemas['Metrics']>;
  analytics: Query<AnalyticsInput | undefined, Schemas['Analytics']>;
  create: Mutation<Schemas['CreateTaskRequest'], Mutated>;
  update: Mutation<UpdateInput, Mutated>;
  delete: Mutation<TaskInput, Schemas['AcceptedJob']>;
};

type Root = { workflow: Nested<Procedures> };

/** The router, for `createTRPCClient<AppRouter>` (version 11) and `createTRPCProxyClient<AppRouter>` (version 10). */
export interface AppRouter {
  createCaller: any;
  getErrorShape: any;
  _def: {
    _config: Config;
    router: true;
    procedures: Root;
    record: Root;
    lazy: any;
    queries: {};
    mutations: {};
    subscriptions: {};
  };
}
