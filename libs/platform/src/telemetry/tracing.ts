import { AsyncLocalStorage } from 'node:async_hooks';
import {
  context as otelContext, isSpanContextValid, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace,
  type Attributes, type Context, type ContextManager, type Span,
} from '@opentelemetry/api';
import type { RequestContext } from '../context/request-context.js';
import { safeText } from './safe-record.js';

const tracer = () => trace.getTracer('datum');
let enabled = false;

/** Whether spans are made. Without an endpoint every function here costs next to nothing. */
export const tracingEnabled = (): boolean => enabled;

export interface TracingSettings {
  /** Base URL of an OTLP collector over HTTP; undefined: no tracing. */
  endpoint?: string;
  /** Which process: `gateway`, `worker`, `server`. */
  serviceName: string;
}

/**
 * Starts tracing when there is a collector to send to; only then is the SDK loaded.
 * @returns a stop function, which sends what is left
 */
export async function startTracing({ endpoint, serviceName }: TracingSettings): Promise<() => Promise<void>> {
  if (endpoint === undefined) return async () => undefined;
  const [{ BasicTracerProvider, BatchSpanProcessor, ParentBasedSampler, AlwaysOnSampler }, { OTLPTraceExporter }] =
    await Promise.all([import('@opentelemetry/sdk-trace-base'), import('@opentelemetry/exporter-trace-otlp-http')]);
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: 5_000 });
  const provider = new BasicTracerProvider({
    resource: resourceOf(serviceName),
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanProcessors: [new BatchSpanProcessor(exporter, { maxQueueSize: 4_096, maxExportBatchSize: 512, scheduledDelayMillis: 1_000 })],
  });
  otelContext.setGlobalContextManager(new StorageContextManager());
  trace.setGlobalTracerProvider(provider);
  enabled = true;
  return async () => {
    enabled = false;
    await provider.shutdown();
    trace.disable();
    otelContext.disable();
  };
}

/** Who the spans are from. The SDK's own resource package is not a dependency of ours; this is the whole of what the exporter reads. */
function resourceOf(serviceName: string) {
  const attributes: Attributes = { 'service.name': serviceName, 'process.pid': process.pid };
  const resource = {
    attributes,
    merge: () => resource,
    getRawAttributes: () => Object.entries(attributes),
  };
  return resource as never;
}

/** Carries the active span across awaits. The SDK for Node has the same, in a package with more than we need. */
class StorageContextManager implements ContextManager {
  private readonly storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.storage.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context, fn: F, thisArg?: ThisParameterType<F>, ...args: A
  ): ReturnType<F> {
    return this.storage.run(context, () => fn.call(thisArg, ...args));
  }

  bind<T>(context: Context, target: T): T {
    if (typeof target !== 'function') return target;
    const { storage } = this;
    const bound = (...args: unknown[]): unknown => storage.run(context, () => (target as (...all: unknown[]) => unknown)(...args));
    return bound as T;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.storage.disable();
    return this;
  }
}

/**
 * Runs `fn` inside a span (a transaction, an ERP call, a batch). The span fails when `fn` throws, and the error goes on unchanged.
 * @param attributes must not carry secrets; texts are made safe as in the log
 */
export async function span<T>(name: string, attributes: Attributes, fn: () => Promise<T>): Promise<T> {
  if (!enabled) return fn();
  return tracer().startActiveSpan(name, { attributes: safeAttributes(attributes) }, async (active) => {
    try {
      return await fn();
    } catch (error) {
      failSpan(active, error);
      throw error;
    } finally {
      active.end();
    }
  });
}

function failSpan(active: Span, error: unknown): void {
  const message = safeText(error instanceof Error ? error.message : String(error));
  active.recordException({ name: error instanceof Error ? error.name : typeof error, message });
  active.setStatus({ code: SpanStatusCode.ERROR, message });
}

const safeAttributes = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, typeof value === 'string' ? safeText(value) : value]));

/** A span that is ended by hand, for work that begins and ends in two callbacks: an HTTP request in its hooks. */
export interface OpenSpan {
  /** Runs `fn` with the span active. */
  run(fn: () => void): void;
  end(attributes: Attributes, failed: boolean): void;
}

/** Opens the span of a request; `traceparent` continues the caller's trace. Undefined when tracing is off. */
export function openRequestSpan(name: string, traceparent: string | undefined): OpenSpan | undefined {
  if (!enabled) return undefined;
  const parent = parentContext(traceparent);
  const opened = tracer().startSpan(name, { kind: SpanKind.SERVER }, parent);
  const inside = trace.setSpan(parent, opened);
  return {
    run: (fn) => otelContext.with(inside, fn),
    end: (attributes, failed) => {
      opened.setAttributes(safeAttributes(attributes));
      if (failed) opened.setStatus({ code: SpanStatusCode.ERROR });
      opened.end();
    },
  };
}

const traceparentForm = /^(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-|$)/;

/** A W3C `traceparent` header as it may be carried on, or undefined when it is not one. */
export function validTraceparent(header: unknown): string | undefined {
  if (typeof header !== 'string' || header.length > 128) return undefined;
  const [, traceId, spanId, flags] = traceparentForm.exec(header) ?? [];
  if (!traceId || !spanId || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return `00-${traceId}-${spanId}-${flags}`;
}

function parentContext(header: string | undefined): Context {
  const valid = validTraceparent(header);
  if (!valid) return ROOT_CONTEXT;
  const [, traceId = '', spanId = '', flags = '00'] = valid.split('-');
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true });
}

/**
 * The `traceparent` to send onwards: the active span's, else the one the request came with. Undefined when there is neither, because a
 * made-up one would name a trace that nobody recorded.
 */
export function traceparentOf(context?: Pick<RequestContext, 'traceparent'>): string | undefined {
  const active = enabled ? trace.getSpanContext(otelContext.active()) : undefined;
  if (!active || !isSpanContextValid(active)) return validTraceparent(context?.traceparent);
  return `00-${active.traceId}-${active.spanId}-${active.traceFlags.toString(16).padStart(2, '0')}`;
}
