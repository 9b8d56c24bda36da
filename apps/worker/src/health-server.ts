import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { metricsContentType, metricsText, type HealthRegistry } from '@datum/platform';

export interface HealthServer { port: number; close(): Promise<void> }

/** Answers `/health/live`, `/health/ready` and `/metrics`, and nothing else. Bound like the gateway's listener; on a loopback address by default. */
export async function serveHealth(health: HealthRegistry, { port, host }: { port: number; host: string }): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const send = (status: number, type: string, body: string): void => void response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    const answer = async (): Promise<void> => {
      if (request.url === '/health/live') return send(200, 'application/json', '{"status":"live"}');
      if (request.url === '/metrics') return send(200, metricsContentType, await metricsText());
      if (request.url !== '/health/ready') return send(404, 'text/plain', 'Not found');
      const report = await health.report();
      send(report.status === 'ready' || report.status === 'degraded' ? 200 : 503, 'application/json', JSON.stringify(report));
    };
    answer().catch(() => response.destroy());
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
