import type { FieldProblem } from '@datum/platform';
import type { CredentialInput, SiteInput, SystemInput } from './records.js';
import { clientIdPattern, codePattern, scopePattern, siteKinds, siteModes, systemKinds, systemStates } from './vocabulary.js';

const capabilitiesCharactersMax = 16_384;
const sitesPerSystemMax = 500;
const scopesMax = 100;
const callsPerSecondMax = 10_000;
const parallelMax = 1_000;
const maxAgeSecondsMax = 31_536_000;
const nameLengthMax = 200;

const currencies = new Set(Intl.supportedValuesOf('currency'));

/** What is wrong with a site, whoever it comes from. */
export function siteProblems(site: SiteInput): FieldProblem[] {
  const problems = new Problems();
  problems.unless(codePattern.test(site.code), 'code', 'Capital letters, digits and hyphens, 32 at most, a letter first.');
  problems.unless(isName(site.name), 'name', `A text of 1 to ${nameLengthMax} characters.`);
  problems.unless(site.gln == null || isGln(site.gln), 'gln', 'A GLN of 13 digits with its check digit.');
  problems.unless(/^[A-Z]{2}$/.test(site.country), 'country', 'An ISO 3166-1 alpha-2 code such as DE.');
  problems.unless(isTimeZone(site.timeZone), 'timeZone', 'An IANA time zone such as Europe/Berlin.');
  problems.unless(currencies.has(site.currency), 'currency', 'An ISO 4217 code such as EUR.');
  problems.unless(siteKinds.includes(site.kind), 'kind', `One of ${siteKinds.join(', ')}.`);
  problems.unless(siteModes.includes(site.mode), 'mode', `One of ${siteModes.join(', ')}.`);
  return problems.found;
}

/** @param siteExists whether a site of this code is known */
export function systemProblems(system: Required<SystemInput>, siteExists: (code: string) => boolean): FieldProblem[] {
  const { callBudget, freshness, siteCodes } = system;
  const problems = new Problems();
  problems.unless(codePattern.test(system.code), 'code', 'Capital letters, digits and hyphens, 32 at most, a letter first.');
  problems.unless(isName(system.name), 'name', `A text of 1 to ${nameLengthMax} characters.`);
  problems.unless(systemKinds.includes(system.kind), 'kind', `One of ${systemKinds.join(', ')}.`);
  problems.unless(systemStates.includes(system.state), 'state', `One of ${systemStates.join(', ')}.`);
  problems.unless(siteCodes.length <= sitesPerSystemMax && new Set(siteCodes).size === siteCodes.length, 'siteCodes',
    `Up to ${sitesPerSystemMax} different sites.`);
  siteCodes.forEach((code, place) => problems.unless(siteExists(code), `siteCodes/${place}`, `There is no site ${code}.`));
  problems.unless(JSON.stringify(system.capabilities).length <= capabilitiesCharactersMax, 'capabilities',
    `At most ${capabilitiesCharactersMax} characters of JSON.`);
  if (callBudget !== null) {
    problems.unless(isWithin(callBudget.callsPerSecond, 0.001, callsPerSecondMax), 'callBudget/callsPerSecond',
      `A number above 0, up to ${callsPerSecondMax}.`);
    problems.unless(Number.isInteger(callBudget.parallel) && isWithin(callBudget.parallel, 1, parallelMax), 'callBudget/parallel',
      `A whole number from 1 to ${parallelMax}.`);
  }
  if (freshness !== null) {
    const age = freshness.maxAgeSeconds;
    problems.unless(Number.isInteger(age) && isWithin(age, 1, maxAgeSecondsMax), 'freshness/maxAgeSeconds',
      `A whole number of seconds from 1 to ${maxAgeSecondsMax}.`);
  }
  return problems.found;
}

export function credentialProblems(credential: CredentialInput, siteExists: (code: string) => boolean): FieldProblem[] {
  const { scopes, sites, kind, clientId, publicJwk } = credential;
  const problems = new Problems();
  problems.unless(scopes.length <= scopesMax && scopes.every((scope) => scopePattern.test(scope)), 'scopes',
    `Up to ${scopesMax} scopes such as item.read.`);
  problems.unless(kind !== 'sandbox' || scopes.every((scope) => scope.endsWith('.read')), 'scopes', 'A sandbox credential reads only.');
  (sites ?? []).forEach((code, place) => problems.unless(siteExists(code), `sites/${place}`, `There is no site ${code}.`));
  problems.unless(clientId === undefined || clientIdPattern.test(clientId), 'clientId',
    'Small letters, digits and hyphens, 2 to 64 of them.');
  problems.unless(!publicJwk || isPublicP256(publicJwk), 'publicJwk', 'A public P-256 key as JWK: kty, crv, x and y, and no private part.');
  return problems.found;
}

class Problems {
  readonly found: FieldProblem[] = [];

  unless(holds: boolean, path: string, detail: string): void {
    if (!holds) this.found.push({ pointer: `#/${path}`, code: 'value.invalid', detail });
  }
}

const isName = (text: unknown): boolean => typeof text === 'string' && text.trim() !== '' && text.length <= nameLengthMax;

const isWithin = (value: unknown, min: number, max: number): boolean => typeof value === 'number' && value >= min && value <= max;

/** GS1 check digit: weights 1 and 3 in turn from the left over 13 digits add up to a multiple of ten. */
export function isGln(text: string): boolean {
  if (!/^\d{13}$/.test(text)) return false;
  const sum = [...text].reduce((total, digit, place) => total + Number(digit) * (place % 2 === 0 ? 1 : 3), 0);
  return sum % 10 === 0;
}

function isTimeZone(name: string): boolean {
  try {
    // Offsets such as +02:00 are accepted by Intl and are not time zones.
    return /^[A-Z]/i.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

function isPublicP256(jwk: Record<string, unknown>): boolean {
  const isCoordinate = (value: unknown): boolean => typeof value === 'string' && /^[\w-]{43}$/.test(value);
  return jwk['kty'] === 'EC' && jwk['crv'] === 'P-256' && isCoordinate(jwk['x']) && isCoordinate(jwk['y']) && jwk['d'] === undefined;
}
