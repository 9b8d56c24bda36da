// Import directions of the monorepo (docs/ARCHITECTURE.md). `npm run check` runs it and also fails when fewer modules were seen than there are files.

const lib = (name) => `^libs/${name}/`;

// One line per room: what it may reach besides itself. Everything else under libs/ and apps/ is refused.
const mayImport = {
  platform: [],
  registry: ['platform'],
  ownership: ['platform', 'registry'],
  semantics: ['platform', 'registry'],
  governed: ['platform', 'registry', 'ownership', 'semantics'],
  governance: ['platform', 'registry', 'ownership', 'governed'],
  items: ['platform', 'governed', 'semantics'],
  boms: ['platform', 'registry', 'governed', 'semantics', 'items'],
  parties: ['platform', 'registry', 'governed', 'semantics', 'items'],
  inventory: ['platform', 'registry', 'governed', 'semantics', 'items'],
  orders: ['platform', 'governed', 'semantics', 'items', 'boms', 'parties', 'inventory'],
  'write-back': ['platform', 'registry', 'ownership', 'governed'],
  'erp/[^/]+': ['platform', 'write-back', 'erp/http'],
};

const rooms = Object.entries(mayImport).map(([room, allowed]) => ({
  name: `room-${room}`,
  severity: 'error',
  comment: `libs/${room} may import only: ${allowed.join(', ') || 'nothing of ours'}`,
  from: { path: `^libs/(${room})/` },
  to: { path: '^(libs|apps|migrations|test)/', pathNot: ['^libs/$1/', ...allowed.map(lib)] },
}));

const specs = '\\.(spec|e2e-spec|fixture)\\.ts$';

module.exports = {
  forbidden: [
    // Specs may use the test support and every room.
    ...rooms.map((rule) => ({ ...rule, from: { ...rule.from, pathNot: [specs] } })),
    {
      name: 'unknown-room',
      severity: 'error',
      comment: 'A new library must first be given a line in the table above.',
      from: { path: '^libs/', pathNot: Object.keys(mayImport).map(lib) },
      to: {},
    },
    {
      name: 'front-door',
      severity: 'error',
      comment: 'Enter another library by its index.ts (or platform/offline.ts) only.',
      from: { path: '^(libs/erp/[^/]+|libs/[^/]+|apps/[^/]+)/', pathNot: [specs] },
      to: { path: '^libs/(erp/[^/]+|[^/]+)/src/(?!(index|offline)\\.ts$)', pathNot: '^$1/' },
    },
    {
      name: 'apps-are-islands',
      severity: 'error',
      comment: 'Only apps/server composes other apps.',
      from: { path: '^apps/([^/]+)/', pathNot: ['^apps/server/', specs] },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'erp-only-from-worker',
      severity: 'error',
      comment: 'Only the worker (and the contract tests) may name a concrete ERP adapter.',
      from: { pathNot: ['^apps/worker/', '^test/', '^libs/erp/', specs] },
      to: { path: '^libs/erp/' },
    },
    {
      name: 'outside-knows-the-contract-only',
      severity: 'error',
      comment: 'Simulator and command line know the gateway from outside; the offline door has no Nest behind it.',
      from: { path: '^apps/(simulator|cli)/', pathNot: [specs] },
      to: { path: '^libs/', pathNot: '^libs/platform/src/(offline\\.ts|values/|ledger/audit-)' },
    },
    {
      name: 'rules-know-no-transport',
      severity: 'error',
      comment: 'Rules and queries do not know HTTP, OpenAPI or GraphQL.',
      from: { path: '\\.(service|reader|writer|repository|entity|events|errors|policy|record)\\.ts$' },
      to: { path: ['\\.(controller|resolver)\\.ts$', 'node_modules/@nestjs/(graphql|swagger|apollo|platform-[^/]+)/', 'node_modules/(fastify|graphql)/'] },
    },
    {
      name: 'transport-goes-through-service',
      severity: 'error',
      from: { path: '\\.(controller|resolver)\\.ts$' },
      to: { path: '\\.(repository|entity)\\.ts$', pathNot: 'node_modules' },
    },
    {
      name: 'only-repositories-touch-sql',
      severity: 'error',
      comment: 'typeorm and pg belong in repositories, entities, migrations and platform/database.',
      from: {
        path: '^(apps|libs)/',
        pathNot: ['\\.(repository|entity)\\.ts$', '^libs/platform/src/(database|ledger|runtime)/', specs],
      },
      to: { path: 'node_modules/(typeorm|pg)/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true, // Type-only imports count too: a type is also a dependency.
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js'],
    },
  },
};
