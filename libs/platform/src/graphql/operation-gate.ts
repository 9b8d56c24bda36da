import type { ExecutionResult } from 'graphql';
import type { AuthenticatedRequest } from '../auth/permission.js';
import type { RequestContext } from '../context/request-context.js';
import { type Admission, type AdmittedOperation, type OperationRequest, checkBudget } from './admission.js';
import type { Executor } from './executor.js';
import { newGraphqlContext, type GraphqlContext } from './graphql-context.js';
import type { GraphqlSettings } from './graphql-settings.js';
import type { Refusal, WireError, WireErrors } from './wire-errors.js';

export interface WireResult {
  data?: unknown;
  errors?: WireError[];
  extensions?: Record<string, unknown>;
}

/** What an operation costs and what this caller may spend on one. */
export interface CostStatement { requested: number; limit: number }

/** What HTTP and websockets have in common: who calls, may this run, run it, and say what went wrong. */
export class OperationGate {
  constructor(
    readonly admission: Admission,
    private readonly executor: Executor,
    private readonly settings: GraphqlSettings,
    private readonly errors: WireErrors,
  ) {}

  /** The caller's context, also left on the request, where guards look for it. @throws AppError unauthenticated */
  async authenticate(request: AuthenticatedRequest): Promise<RequestContext> {
    const context = await this.settings.authenticate(request);
    request.actor = context.actor;
    request.datumContext = context;
    return context;
  }

  /** Counts an operation that came over a websocket. @throws AppError limit */
  async count(context: RequestContext): Promise<void> {
    await this.settings.admitOperation?.(context);
  }

  admit(request: OperationRequest): AdmittedOperation {
    return this.admission.admit(request);
  }

  cost(context: RequestContext, admitted: AdmittedOperation): CostStatement {
    const limit = this.settings.budgetOf?.(context) ?? this.settings.limits.costMax;
    return { requested: admitted.cost.requested, limit };
  }

  /** @throws AppError malformed `graphql.cost` */
  checkCost(context: RequestContext, admitted: AdmittedOperation): void {
    checkBudget(admitted, this.cost(context, admitted).limit);
  }

  context(request: AuthenticatedRequest, context: RequestContext, admitted: AdmittedOperation): GraphqlContext {
    return newGraphqlContext(request, context, admitted);
  }

  /** Runs the operation of the context; `event` is what a subscription's source brought. */
  async run(context: GraphqlContext, event?: unknown): Promise<WireResult> {
    const result = await this.executor.execute(context.operation, context, event);
    return this.toWire(result, context.requestContext.requestId);
  }

  toWire(result: ExecutionResult, requestId: string): WireResult {
    const { data, errors } = result;
    const wire: WireResult = data === undefined ? {} : { data };
    if (errors?.length) wire.errors = errors.map((error) => this.errors.fieldError(error, requestId));
    return wire;
  }

  refusal(error: unknown, requestId: string): Refusal {
    return this.errors.refusal(error, requestId);
  }
}
