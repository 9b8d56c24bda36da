/** What tells one balance from another. `location` null: the site as a whole; `owner` null: our own; `counterSite`: the other end of a transfer. */
export interface BalanceKey {
  itemId: string;
  site: string;
  location: string | null;
  state: string;
  lot: string | null;
  serial: string | null;
  owner: string | null;
  counterSite: string | null;
}

export const balanceKeyText = (key: BalanceKey): string =>
  JSON.stringify([key.itemId, key.site, key.location, key.state, key.lot, key.serial, key.owner, key.counterSite]);
