import { forbidden, maySeeSite, type TxContext } from '@datum/platform';
import type { Candidate, Guard } from '@datum/governed';
import type { RegistryDirectory } from '@datum/registry';

/** A valuation area that is a site belongs to it: who is limited to other sites neither reads nor writes its value. */
export const valuationGuard = (directory: RegistryDirectory): Guard => ({
  name: 'valuation-site',
  recordTypes: ['valuation'],
  check(context: TxContext, candidates: readonly Candidate[]): void {
    for (const candidate of candidates) {
      const { after, changed } = candidate;
      const site = directory.site(String(after.area)) ? String(after.area) : null;
      if (site !== null && !maySeeSite(context.actor, site)) candidate.error = forbidden('site.forbidden', `This credential is not for site ${site}.`, { site });
      else if ((after.site ?? null) !== site) changed.site = after.site = site;
    }
  },
});
