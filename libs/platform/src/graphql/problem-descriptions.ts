import { describeProblems } from '../http/problem-texts.js';

const shorter = 'The limit stands in `limit`, what was asked for in `requested`. Ask for less, or in several operations.';

describeProblems({
  'graphql.request': { title: 'Not a GraphQL request', text: 'Send {"query", "operationName", "variables"} as JSON, or as the query of a GET.' },
  'graphql.batch': { title: 'Batches are refused', text: 'Send one operation per request.' },
  'graphql.csrf': { title: 'Possible cross-site request', text: 'A GET needs a header that a foreign page cannot set without asking: Authorization, or GraphQL-Require-Preflight.' },
  'graphql.parse-failed': { title: 'Not GraphQL', text: 'The document does not follow the grammar of GraphQL; locations say where.' },
  'graphql.invalid': { title: 'Document does not fit the schema', text: 'The document asks for something that the schema does not have; locations say where.' },
  'graphql.variables': { title: 'Wrong variables', text: 'The variables do not fit their declared types.' },
  'graphql.variables-depth': { title: 'Variables nested too deep', text: shorter },
  'graphql.argument': { title: 'Wrong argument', text: 'An argument does not fit, with its variables in place.' },
  'graphql.operation': { title: 'Operation not found', text: 'operationName must name one operation of the document when there are several.' },
  'graphql.subscription': { title: 'Subscriptions need a websocket', text: 'Subscribe with the protocol graphql-transport-ws on the same address.' },
  'graphql.operations': { title: 'Too many operations on one connection', text: 'End some, or open another connection.' },
  'graphql.characters': { title: 'Document too long', text: shorter },
  'graphql.tokens': { title: 'Too many tokens', text: shorter },
  'graphql.depth': { title: 'Nested too deep', text: shorter },
  'graphql.aliases': { title: 'Too many aliases', text: shorter },
  'graphql.directives': { title: 'Too many directives', text: shorter },
  'graphql.root-fields': { title: 'Too many root fields', text: shorter },
  'graphql.selections': { title: 'Too many fields', text: shorter },
  'graphql.repeats': { title: 'The same fields too often', text: 'A field needs to stand once in each selection. Leave the repetitions out.' },
  'graphql.fragment-cycle': { title: 'Fragment cycle', text: 'A fragment may not contain itself.' },
  'graphql.page-size': { title: 'Page size out of bounds', text: 'first and last take 0 to 100, limit takes 0 to 500.' },
  'graphql.cost': { title: 'Operation too expensive', text: 'The cost is the number of field values the answer can hold. Ask for shorter lists; GraphQL-Cost: only tells the cost beforehand.' },
  'graphql.introspection-cost': { title: 'Introspection too large', text: 'Ask for the schema once, with the usual introspection query.' },
  'node.id-malformed': { title: 'Not a global id', text: 'Global ids come from the field id; they are used as they were given.' },
});
