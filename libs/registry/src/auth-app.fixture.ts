import { Controller, Get, Global, Module, Post, ValidationPipe, VersioningType } from '@nestjs/common';
import { Query, Resolver } from '@nestjs/graphql';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { randomBytes } from 'node:crypto';
import {
  AnyParticipant, AuthModule, Authenticator, CallContext, Clock, CursorSigner, Database, gatewayContext, hardenServer, Idempotent, KeyRing,
  Permission, ProblemFilter, Public, ReplyInterceptor, rewriteCustomVerb, serverOptions, validationProblem, type AuthSettings, type ProblemLogEntry,
  type RequestContext,
} from '@datum/platform';
import { testDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { ParticipantService, type AddedParticipant } from './participant.service.js';
import { RegistryDirectory } from './registry.directory.js';
import { registryEntities } from './registry.entities.js';
import { RegistryModule } from './registry.module.js';
import { RegistryService } from './registry.service.js';

export const issuer = 'https://datum.test';
export const audience = 'datum';

/** Routes of every kind of declaration, and one without any. */
@Controller('probe')
class ProbeController {
  @Get('read')
  @Permission('item.read')
  read(@CallContext() context: RequestContext) {
    const { actor, ...rest } = context;
    return { actor: { ...actor, scopes: [...actor.scopes] }, ids: rest };
  }

  @Get('write')
  @Permission('item.write')
  write() { return {}; }

  @Get('any')
  @AnyParticipant()
  any() { return {}; }

  @Get('open')
  @Public()
  open() { return {}; }
}

@Controller('undeclared')
export class UndeclaredController {
  @Get('one')
  one() { return {}; }

  @Post('two')
  @Permission('item.write')
  @Idempotent()
  two() { return {}; }
}

@Resolver()
export class UndeclaredResolver {
  @Query(() => String)
  secretField() { return 'secret'; }

  @Query(() => String)
  @Permission('item.read')
  declaredField() { return ''; }
}

export interface AuthApp {
  app: NestFastifyApplication;
  db: TestDatabase;
  settings: AuthSettings;
  registry: RegistryService;
  participants: ParticipantService;
  directory: RegistryDirectory;
  authenticator: Authenticator;
  ring: KeyRing;
  logged: ProblemLogEntry[];
  /** A participant of system CE with a live credential. */
  participant(scopes: string[], sites?: string[]): Promise<AddedParticipant>;
  /** Posts a form to the token endpoint. */
  token(form: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
  accessToken(client: Pick<AddedParticipant, 'clientId' | 'clientSecret'>): Promise<string>;
  get(url: string, token?: string): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  json: Record<string, unknown>;
  text: string;
}

export interface AuthAppOptions {
  external?: AuthSettings['external'];
  /** Adds the controller and the resolver that declare nothing. */
  undeclared?: boolean;
  db?: TestDatabase;
  masterKey?: Buffer;
}

/** A small application with the real guard, issuer, registry and database. */
export async function authApp(options: AuthAppOptions = {}): Promise<AuthApp> {
  const db = options.db ?? await testDatabase({ entities: registryEntities });
  const settings: AuthSettings = { issuer, audience, masterKey: options.masterKey ?? randomBytes(32), external: options.external };
  const logged: ProblemLogEntry[] = [];
  const app = await createApp(db, settings, { logged, undeclared: options.undeclared === true });
  const registry = app.get(RegistryService);
  const context = gatewayContext();
  await registry.putSite(context, {
    code: 'A', name: 'Toledo', country: 'US', timeZone: 'America/New_York', currency: 'USD', kind: 'plant', mode: 'live',
  });
  await registry.putSystem(context, { code: 'CE', kind: 'corp-erp', state: 'active' });
  const inject = async (request: Parameters<NestFastifyApplication['inject']>[0] & object): Promise<Answer> => {
    const response = await app.inject(request);
    const json = /json/.test(String(response.headers['content-type'])) && response.body !== '' ? response.json<Record<string, unknown>>() : {};
    return { status: response.statusCode, headers: response.headers, json, text: response.body };
  };
  const token: AuthApp['token'] = (form, headers = {}) => inject({
    method: 'POST', url: '/oauth/token', payload: new URLSearchParams(form).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
  let count = 0;
  return {
    app, db, settings, registry, logged, token,
    participants: app.get(ParticipantService),
    directory: app.get(RegistryDirectory),
    authenticator: app.get(Authenticator),
    ring: app.get(KeyRing),
    participant: (scopes, sites) => registry.addParticipant(context, {
      name: `participant-${count += 1}`, systemCode: 'CE', state: 'live', credential: { kind: 'live', scopes, sites },
    }),
    accessToken: async ({ clientId, clientSecret }) => {
      const { status, json } = await token({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret });
      if (status !== 200) throw new Error(`No token: ${status}`);
      return json['access_token'] as string;
    },
    get: (url, bearer) => inject({ method: 'GET', url, headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` } }),
    close: async () => {
      await app.close();
      if (!options.db) await db.close();
    },
  };
}

async function createApp(
  db: TestDatabase, settings: AuthSettings, { logged, undeclared }: { logged: ProblemLogEntry[]; undeclared: boolean },
): Promise<NestFastifyApplication> {
  const provided = [
    { provide: Database, useValue: db.database },
    { provide: Clock, useValue: new Clock() },
    { provide: CursorSigner, useValue: new CursorSigner([{ id: 'test', secret: randomBytes(32) }]) },
  ];

  @Global()
  @Module({ providers: provided, exports: provided.map(({ provide }) => provide) })
  class FloorModule {}

  @Module({
    imports: [FloorModule, AuthModule.forRoot(settings), RegistryModule],
    controllers: undeclared ? [ProbeController, UndeclaredController] : [ProbeController],
    providers: undeclared ? [UndeclaredResolver] : [],
  })
  class AuthAppModule {}

  const log = (entry: ProblemLogEntry): void => { logged.push(entry); };
  const testing = await Test.createTestingModule({ imports: [AuthAppModule] }).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter({ ...serverOptions(log), rewriteUrl: (request: { url?: string }) => rewriteCustomVerb(request.url ?? '/') } as never), { bodyParser: false, logger: false });
  hardenServer(app.getHttpAdapter().getInstance());
  app.enableVersioning({ type: VersioningType.URI });
  app.useGlobalFilters(new ProblemFilter(log));
  app.useGlobalInterceptors(new ReplyInterceptor());
  app.useGlobalPipes(new ValidationPipe({
    transform: true, whitelist: true, forbidNonWhitelisted: true, exceptionFactory: validationProblem,
  }));
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}
