import { createHash } from 'node:crypto';
import {
  getOperationAST, getVariableValues, GraphQLError, Kind, parse, validate, visit, type DocumentNode, type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { AppError } from '../errors/app-error.js';
import { checkText } from '../http/text-policy.js';
import { BoundedCache } from './bounded-cache.js';
import { CostCounter, type OperationCost } from './cost.js';
import { checkDocument, overLimit, type GraphqlLimits } from './limits.js';

/** A document that was parsed, measured and validated: it may run, if its cost allows. */
export interface AdmittedDocument {
  document: DocumentNode;
  /** SHA-256 of the text, hexadecimal. */
  hash: string;
  /** Expanded number of selections by operation name. */
  selections: ReadonlyMap<string, number>;
}

export interface AdmittedOperation extends AdmittedDocument {
  operation: OperationDefinitionNode;
  operationName: string | undefined;
  /** As the caller sent them; the executor coerces them again. */
  variables: Record<string, unknown>;
  cost: OperationCost;
}

/** What a caller sends, on every transport. */
export interface OperationRequest {
  query: string;
  operationName?: string;
  variables?: Record<string, unknown>;
}

/** A document that graphql-js refuses, with every error it found; the errors name what the caller wrote, no suggestion of what exists. */
export class DocumentError extends Error {
  constructor(readonly code: string, readonly errors: readonly GraphQLError[]) {
    super(errors[0]?.message ?? code);
  }
}

const validationErrorsMax = 10;
const variablesDepthMax = 32;
const cachedTokensMax = 100_000;

/**
 * Decides what may run, before anything runs. A document is parsed, measured and validated once and then remembered by its hash, within
 * a bound on the remembered tokens; the cost depends on the variables and is counted each time.
 */
export class Admission {
  private readonly documents = new BoundedCache<AdmittedDocument>(cachedTokensMax);
  private readonly costs: CostCounter;

  constructor(private readonly schema: GraphQLSchema, private readonly limits: GraphqlLimits) {
    this.costs = new CostCounter(schema, limits);
  }

  /** The document with this hash, while it is remembered. */
  remembered(hash: string): DocumentNode | undefined {
    return this.documents.get(hash)?.document;
  }

  /**
   * @throws AppError malformed `graphql.*` for what is beyond a limit
   * @throws DocumentError for what does not parse, does not fit the schema, or has wrong variables
   */
  admit(request: OperationRequest): AdmittedOperation {
    const admitted = this.document(request.query);
    const operation = getOperationAST(admitted.document, request.operationName);
    if (!operation) throw unknownOperation(request.operationName);
    const variables = request.variables ?? {};
    checkTexts(variables);
    const coerced = this.variables(operation, variables);
    const cost = this.costs.cost(admitted.document, operation, coerced);
    if (cost.introspection > this.costs.introspectionMax) {
      throw overLimit('introspection-cost', 'The introspection is too large.', this.costs.introspectionMax, cost.introspection);
    }
    return { ...admitted, operation, operationName: operation.name?.value, variables, cost };
  }

  private document(source: string): AdmittedDocument {
    if (source.length > this.limits.charactersMax) {
      const message = `The document is longer than ${this.limits.charactersMax} characters.`;
      throw overLimit('characters', message, this.limits.charactersMax, source.length);
    }
    const hash = createHash('sha256').update(source).digest('hex');
    const known = this.documents.get(hash);
    if (known) return known;
    const document = this.parsed(source);
    const selections = checkDocument(document, this.limits);
    checkLiterals(document);
    const errors = validate(this.schema, document, undefined, { maxErrors: validationErrorsMax, hideSuggestions: true });
    if (errors.length > 0) throw new DocumentError('graphql.invalid', errors);
    const admitted = { document, hash, selections };
    this.documents.set(hash, admitted, document.tokenCount ?? this.limits.tokensMax);
    return admitted;
  }

  private parsed(source: string): DocumentNode {
    try {
      return parse(source, { maxTokens: this.limits.tokensMax });
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      if (!/Document contains more tha[nt] \d+ tokens/.test(error.message)) throw new DocumentError('graphql.parse-failed', [error]);
      throw overLimit('tokens', `The document has more than ${this.limits.tokensMax} tokens.`, this.limits.tokensMax);
    }
  }

  private variables(operation: OperationDefinitionNode, inputs: Record<string, unknown>): Record<string, unknown> {
    const options = { maxErrors: validationErrorsMax, hideSuggestions: true };
    const result = getVariableValues(this.schema, operation.variableDefinitions ?? [], inputs, options);
    if (result.errors) throw new DocumentError('graphql.variables', result.errors);
    return result.coerced;
  }
}

/** @throws AppError malformed `graphql.cost` when the operation costs more than the caller's budget */
export function checkBudget(operation: AdmittedOperation, budget: number): void {
  const { requested } = operation.cost;
  if (requested <= budget) return;
  throw overLimit('cost', `The operation may answer ${requested} fields; ${budget} are allowed. Ask for shorter lists.`, budget, requested);
}

function unknownOperation(name: string | undefined): AppError {
  const message = name === undefined
    ? 'Say with "operationName" which operation of the document to run.'
    : 'The document has no operation of the name in "operationName".';
  return new AppError('malformed', 'graphql.operation', message);
}

/** Escapes in a literal can spell characters that the text of the request does not show. */
function checkLiterals(document: DocumentNode): void {
  visit(document, { [Kind.STRING]: (node) => refuseText(node.value, '#/query') });
}

function checkTexts(value: unknown, pointer = '#/variables', depth = 0): void {
  if (typeof value === 'string') refuseText(value, pointer);
  if (value === null || typeof value !== 'object') return;
  if (depth >= variablesDepthMax) {
    throw overLimit('variables-depth', `The variables are nested deeper than ${variablesDepthMax} levels.`, variablesDepthMax);
  }
  for (const [key, item] of Object.entries(value)) checkTexts(item, `${pointer}/${key}`, depth + 1);
}

function refuseText(text: string, pointer: string): void {
  const problem = checkText(text, pointer);
  if (problem) throw new AppError('malformed', problem.code, problem.detail, { errors: [problem] });
}
