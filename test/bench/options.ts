import { Command, InvalidArgumentError } from 'commander';

export interface BenchOptions {
  /** Seconds of one measurement, after the warm-up. */
  seconds: number;
  warmUpSeconds: number;
  /** Each round measures every case once, so that a disturbance of the machine does not hit one of them only. */
  rounds: number;
  connections: number;
  /** Items that are read; their ids are asked for at random. */
  items: number;
  importRows: number;
  /** Lines of the generated ten-level BOM. */
  bomLines: number;
  /** Measure only works whose name contains this, or one of these between commas. */
  only?: string;
  json: string;
  writeReadme: boolean;
  /** Directory for a CPU profile of the gateway. */
  profile?: string;
}

const long = { seconds: 5, warmUpSeconds: 3, rounds: 3, items: 10_000, importRows: 200_000, bomLines: 100_000 };
const quick = { seconds: 1.5, warmUpSeconds: 1.5, rounds: 2, items: 3_000, importRows: 10_000, bomLines: 20_000 };

/** Reads the command line; `--help` and mistakes end the process. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const program = new Command('bench')
    .description('Measures the gateway against a hand-written Fastify + pg service and a bare node:http answer, side by side.')
    .option('--quick', 'about a minute: shorter rounds and less data')
    .option('--only <name>', 'only works whose name contains this, or one of these (a,b): hot, conditional, list, graphql, explosion, import')
    .option('--json <file>', 'where the numbers go', 'bench-results.json')
    .option('--write-readme', 'put the table between the bench marks of README.md (or into test/bench/RESULTS.md when it has none)')
    .option('--rounds <count>', 'rounds', positive)
    .option('--seconds <seconds>', 'seconds of one measurement', positive)
    .option('--connections <count>', 'connections of the load', positive, 32)
    .option('--import-rows <count>', 'items to import', positive)
    .option('--bom-lines <count>', 'lines of the BOM that is exploded', positive)
    .option('--profile <directory>', 'write a CPU profile of the gateway there');
  const given = program.parse([...argv]).opts<Partial<BenchOptions> & { quick?: boolean }>();
  const { quick: isQuick, ...rest } = given;
  return { ...(isQuick ? quick : long), connections: 32, json: 'bench-results.json', writeReadme: false, ...rest };
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('Expected a number above 0.');
  return value;
}
