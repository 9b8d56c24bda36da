import { gatewayActor, type Actor } from '@datum/platform';
import type { Candidate } from '@datum/governed';
import type { OwnershipVerdict } from '@datum/ownership';

/**
 * The owning system as an actor: what it has confirmed is its own word, and nothing but that; it holds no scope, or it could speak for roles. What roles
 * decide is carried out in the gateway's name.
 */
export const ownerActor = (system: string): Actor =>
  (system === 'GW' ? gatewayActor : { ...gatewayActor, clientId: `erp:${system}`, systemCode: system, scopes: new Set() });

/** Who decides what a candidate touches. */
export interface Owners {
  /** Systems that decide groups the actor does not; none of them twice. */
  systems: string[];
  /** Groups that the actor may write itself. */
  ownGroups: string[];
  /** Groups that nobody was given. */
  orphans: string[];
  verdicts: OwnershipVerdict[];
}

export function ownersOfCandidate({ verdicts }: Candidate): Owners {
  const systems = new Set<string>();
  const owners: Owners = { systems: [], ownGroups: [], orphans: [], verdicts: [...verdicts.values()] };
  for (const [group, verdict] of verdicts) {
    if (verdict.verdict !== 'refuse') owners.ownGroups.push(group);
    else if (verdict.owners.length === 0) owners.orphans.push(group);
    else systems.add(verdict.owners[0]!);
  }
  owners.systems = [...systems];
  return owners;
}

/** Why somebody has to agree before the owner is asked, and which scopes they need for it. */
export function approvalsOf(verdicts: readonly OwnershipVerdict[], candidate: Candidate): { needsApproval: string[]; approverScopes: string[] } {
  const needsApproval = [...(candidate.approvals ?? [])];
  const approverScopes = new Set<string>();
  for (const { rule } of verdicts) {
    if (!rule) continue;
    const role = rule.owner.startsWith('role:') ? rule.owner.slice('role:'.length) : undefined;
    if (role) {
      needsApproval.push(`The ${rule.attributeGroup} of ${rule.domain} records is decided by people of ${role}.`);
      approverScopes.add(`${role}.decide`);
    } else if (rule.owner === 'GW') {
      needsApproval.push(`The ${rule.attributeGroup} of ${rule.domain} records is decided here, and nobody here decides it by a rule.`);
    } else if (rule.conflictPolicy === 'hold-for-human') {
      needsApproval.push(`Changes to the ${rule.attributeGroup} of ${rule.domain} records are held for a person.`);
    }
  }
  return { needsApproval, approverScopes: [...approverScopes] };
}
