import { Injectable } from '@nestjs/common';
import { Database, malformed, notFound, type RequestContext } from '@datum/platform';
import { OperationReader } from '../operation/operation.reader.js';
import { isBulkImport, resultsAfter } from './bulk.repository.js';

const statuses = ['created', 'updated', 'unchanged', 'refused'];

/** What became of each row of an import, as far as it was worked off. */
@Injectable()
export class BulkResultsReader {
  constructor(private readonly database: Database, private readonly operations: OperationReader) {}

  /**
   * NDJSON, in the order of the rows; only rows of one status when asked. Read chunk by chunk while the caller reads.
   * @throws AppError notFound when it is not the caller's, or no import
   */
  async lines(context: RequestContext, operationId: string, status?: string): Promise<AsyncGenerator<string>> {
    if (status !== undefined && !statuses.includes(status)) {
      throw malformed('query.invalid', 'The status is unknown.', [{ pointer: '#/query/status', code: 'enum.unknown', detail: `One of ${statuses.join(', ')}.` }]);
    }
    const operation = await this.operations.one(context, operationId);
    if (!(await isBulkImport(this.database, operation.id))) throw notFound('operation.no-results', 'This operation has no results by row.');
    return this.stream(operation.id, status);
  }

  private async *stream(id: string, status: string | undefined): AsyncGenerator<string> {
    for (let chunk = await resultsAfter(this.database, id, -1); chunk; chunk = await resultsAfter(this.database, id, chunk.seq)) {
      const text = status === undefined ? chunk.results : withStatus(chunk.results, status);
      if (text !== '') yield text;
    }
  }
}

/** Results are written by us: `status` stands second in each line, before anything a caller could have said. */
function withStatus(results: string, status: string): string {
  const wanted = `,"status":"${status}"`;
  const lines = results.split('\n').filter((line) => line.startsWith(wanted, line.indexOf(',')));
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
