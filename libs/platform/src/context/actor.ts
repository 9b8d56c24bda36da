/** Who acts: a participant authenticated by one of its credentials, speaking for one system. */
export interface Actor {
  participantId: string;
  clientId: string;
  /** The system the participant speaks for, as it stands on the wire: `CE`, `LEG1`, `PLN`. */
  systemCode: string;
  /** Granted scopes: `item.read`, `order.write`, `registry.admin`. */
  scopes: ReadonlySet<string>;
  /** Site codes the credential is limited to; null means every site. */
  sites: readonly string[] | null;
}

/** The gateway itself: computed values, seeds, the worker's own bookkeeping. */
export const gatewayActor: Actor = {
  participantId: '00000000-0000-7000-8000-000000000001',
  clientId: 'gateway',
  systemCode: 'GW',
  scopes: new Set(['*']),
  sites: null,
};

export const maySeeSite = (actor: Actor, site: string): boolean =>
  actor.sites === null || actor.sites.includes(site);
