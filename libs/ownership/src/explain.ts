import { modeAt, siteSelectors, type OwnershipRule } from './ownership-rule.js';

const selectorWords: Record<string, string> = {
  'site:erp': "The site's own ERP",
  'site:mes': "The site's MES",
  'site:wms': "The site's WMS",
  'site:stock': "The site's warehouse system",
  'site:quality': "The site's quality system",
  'record:system': 'The system that the record names',
  GW: 'The gateway',
};

const modeWords: Record<string, string> = {
  enforce: '',
  warn: ' Writes by others are let through with a warning for now.',
  observe: ' Writes by others are only counted for now.',
};

/** The rule as a plain sentence: who decides what, where and since when. */
export function ruleSentence(rule: OwnershipRule, owners: readonly string[], site: string | null): string {
  const what = `the ${words(rule.attributeGroup)} of ${words(rule.domain)} records`;
  const where = site === null ? 'at every site' : `at site ${site}`;
  const until = rule.effectiveTo === null ? '' : ` until ${rule.effectiveTo.slice(0, 10)}`;
  return `${ownerWords(rule, owners)} decides ${what} ${where}, since ${rule.effectiveFrom.slice(0, 10)}${until}.${modeWords[modeAt(rule, site)]}`;
}

function ownerWords(rule: OwnershipRule, owners: readonly string[]): string {
  if (rule.owner.startsWith('role:')) return `The ${words(rule.owner.slice('role:'.length))} role in the gateway`;
  const general = selectorWords[rule.owner];
  if (!general) return rule.owner;
  const named = siteSelectors[rule.owner] || rule.owner === 'record:system';
  return named && owners.length > 0 ? `${general} (${owners.join(', ')})` : general;
}

const words = (name: string): string => name.replaceAll('-', ' ');
