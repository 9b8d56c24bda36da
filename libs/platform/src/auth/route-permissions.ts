import { RequestMethod, type INestApplicationContext } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, VERSION_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { RESOLVER_NAME_METADATA, RESOLVER_PROPERTY_METADATA, RESOLVER_TYPE_METADATA } from './graphql-metadata.js';
import { declaredPermission, declaresOwnPermission, type DeclaredPermission } from './permission.js';

/** One way into the application, and what it asks for. */
export interface RoutePermission {
  kind: 'rest' | 'graphql';
  /** `GET /v1/items/:id`, `Query.item` */
  route: string;
  /** `ItemController.getItem` */
  handler: string;
  /** Undefined: nothing is declared, and the guard refuses everybody. */
  permission: DeclaredPermission | undefined;
}

type Handler = (...parameters: unknown[]) => unknown;

/** Every REST handler and every GraphQL root field of the application with what it declares. SEC16's matrix is generated from this. */
export function declaredPermissions(app: INestApplicationContext): RoutePermission[] {
  const routes: RoutePermission[] = [];
  for (const module of app.get(ModulesContainer).values()) {
    for (const wrapper of [...module.controllers.values(), ...module.providers.values()]) {
      const prototype = prototypeOf(wrapper.metatype);
      if (prototype) routes.push(...routesOf(prototype));
    }
  }
  const distinct = new Map(routes.map((route) => [`${route.route} ${route.handler}`, route]));
  return [...distinct.values()].sort((a, b) => (a.route < b.route ? -1 : a.route > b.route ? 1 : 0));
}

/**
 * The boot check. @throws Error that names every route which declares no permission, and every field below a root field that declares one: guards do
 * not run for those, so that its word would not be kept.
 */
export function assertEveryRouteDeclaresItsPermission(app: INestApplicationContext): RoutePermission[] {
  const routes = declaredPermissions(app);
  const undeclared = routes.filter((route) => route.permission === undefined);
  if (undeclared.length === 0) return routes;
  const list = undeclared.map((route) => `  ${route.route} (${route.handler})`).join('\n');
  throw new Error(`These routes declare no permission; give each @Permission, @AnyParticipant or @Public:\n${list}`);
}

function prototypeOf(metatype: unknown): object | undefined {
  return typeof metatype === 'function' ? (metatype.prototype as object | undefined) : undefined;
}

function routesOf(prototype: object): RoutePermission[] {
  const owner = prototype.constructor;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const handler = (prototype as Record<string, Handler>)[name]!;
    const names = routeNames(handler, owner, name);
    const kind = Reflect.hasMetadata(METHOD_METADATA, handler) ? 'rest' as const : 'graphql' as const;
    const permission = declaredPermission(handler, owner);
    return names.map((route) => ({ kind, route, handler: `${owner.name}.${name}`, permission }));
  });
}

function routeNames(handler: Handler, owner: object, name: string): string[] {
  if (Reflect.hasMetadata(METHOD_METADATA, handler)) return restRoutes(handler, owner);
  if (Reflect.getMetadata(RESOLVER_PROPERTY_METADATA, handler)) {
    if (declaresOwnPermission(handler)) throw new Error(`${name}: a permission on a field below a root field is never asked; declare it on the root field.`);
    return [];
  }
  const type = Reflect.getMetadata(RESOLVER_TYPE_METADATA, handler) as string | undefined;
  if (type === undefined) return [];
  return [`${type}.${(Reflect.getMetadata(RESOLVER_NAME_METADATA, handler) as string | undefined) ?? name}`];
}

function restRoutes(handler: Handler, owner: object): string[] {
  const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number]!;
  const version = (Reflect.getMetadata(VERSION_METADATA, handler) ?? Reflect.getMetadata(VERSION_METADATA, owner)) as unknown;
  const versions = version === undefined ? [''] : [version].flat().map((one) => (typeof one === 'string' ? `v${one}` : ''));
  return versions.flatMap((prefix) => pathsOf(owner).flatMap((base) => pathsOf(handler).map(
    (path) => `${method} /${[prefix, base, path].flatMap((part) => part.split('/')).filter((part) => part !== '').join('/')}`,
  )));
}

const pathsOf = (target: object): string[] => [Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined ?? ''].flat();
