/** Code → definition; or definition, marks and broader term. */
type Terms = Record<string, string | { definition: string; marks?: Record<string, string>; parent?: string }>;

const stock = (definition: string, onHand: string, promisable: string) => ({ definition, marks: { onHand, promisable } });

/** The canonical vocabularies that a new installation starts with. Definitions are the product: two plants that disagree on a word disagree on a figure. */
export const defaultVocabularies: Record<string, Terms> = {
  'inventory-state': {
    EXPECTED: stock('Ordered or planned, not yet shipped by the supplier or plant.', 'no', 'by-date'),
    IN_TRANSIT_IN: stock('Shipped to this site and not received; who owns it is a matter of the terms.', 'no', 'by-date'),
    RECEIVED_UNPUT: stock('Physically at the dock, not put away.', 'yes', 'no'),
    QUALITY_INSPECTION: stock('Awaiting a quality decision; goods that only the machine has finished are here too.', 'yes', 'no'),
    AVAILABLE: stock('Released, unrestricted, not reserved.', 'yes', 'yes'),
    RESERVED: stock('Released and tied to an order.', 'yes', 'no'),
    QUALITY_HOLD: stock('Decision negative or suspended; must not be used.', 'yes', 'no'),
    IN_PROCESS: stock('Issued to an order, neither consumed nor returned yet.', 'yes', 'no'),
    CONSIGNED: stock('Here, owned by another party; not valued.', 'yes', 'policy'),
    IN_TRANSIT_OUT: stock('Has left this site and is not delivered; between two sites of ours it is counted once.', 'no', 'no'),
    RECALLED: stock('Under a recall case; frozen everywhere.', 'yes', 'no'),
    SCRAPPED: stock('Written off: gone, or marked to go.', 'no', 'no'),
  },
  'production-order-state': {
    PLANNED: 'A proposal without commitment.',
    RELEASED: 'Material and capacity may be used.',
    STARTED: 'The first operation is confirmed.',
    INTERRUPTED: 'Started and standing still.',
    MACHINE_FINISHED: 'All planned quantity went through the last operation; that is not completion.',
    QUALITY_RELEASED: 'All finished quantity has a quality decision.',
    COMPLETED: 'Quality-released quantity reaches the plan within tolerance, and all required postings are confirmed.',
    CLOSED: 'Variances are settled; nothing more is posted.',
    CANCELLED: 'Given up before completion.',
  },
  'shipment-milestone': {
    PLANNED: 'A shipment is intended.',
    PICKED: 'Goods are taken from their bins.',
    PACKED: 'Packed; the logistic units are known.',
    SHIP_CONFIRMED: 'Goods issue at the dock, confirmed by the warehouse.',
    PICKED_UP: 'Scanned by the carrier.',
    IN_TRANSIT: 'On the way.',
    ARRIVED: 'At the place of delivery.',
    DELIVERED: 'Handed over; proof of delivery exists.',
    ACCEPTED: 'Checked and taken by the consignee.',
    REFUSED: 'Not taken by the consignee.',
    RETURNED: 'Back at the shipper.',
    LOST: 'Declared lost.',
  },
  scrap: {
    'SCR-MAT': 'Material defect: from the supplier, from storage, or expired.',
    'SCR-SET': 'Set-up and start-up.',
    'SCR-PRC': 'Process: dimension, surface, assembly or parameter.',
    'SCR-EQP': 'Caused by equipment.',
    'SCR-HND': 'Damage in handling or transport.',
    'SCR-DSG': 'Engineering change or obsolescence.',
    'SCR-TST': 'Destructive test.',
    'SCR-UNK': 'Unknown; to be repaired within five days.',
  },
  downtime: {
    'PLN-MAINT': { definition: 'Planned maintenance.', marks: { timeElement: 'planned' } },
    'PLN-BREAK': { definition: 'Planned break.', marks: { timeElement: 'planned' } },
    'PLN-NOORDER': { definition: 'No order to work on.', marks: { timeElement: 'planned' } },
    'PLN-TRIAL': { definition: 'Trial run.', marks: { timeElement: 'planned' } },
    'SET-CHANGEOVER': { definition: 'Changeover.', marks: { timeElement: 'set-up' } },
    'SET-ADJUST': { definition: 'Adjustment.', marks: { timeElement: 'set-up' } },
    'UNP-FAIL-MECH': { definition: 'Mechanical failure.', marks: { timeElement: 'failure' } },
    'UNP-FAIL-ELEC': { definition: 'Electrical failure.', marks: { timeElement: 'failure' } },
    'UNP-FAIL-CTRL': { definition: 'Failure of the control.', marks: { timeElement: 'failure' } },
    'UNP-TOOL': { definition: 'Tool broken or worn.', marks: { timeElement: 'failure' } },
    'EXT-MATERIAL': { definition: 'Waiting for material.', marks: { timeElement: 'external' } },
    'EXT-OPERATOR': { definition: 'Waiting for an operator.', marks: { timeElement: 'external' } },
    'EXT-QUALITY': { definition: 'Waiting for a quality decision.', marks: { timeElement: 'external' } },
    'EXT-UPSTREAM': { definition: 'Waiting for the operation before.', marks: { timeElement: 'external' } },
    'EXT-UTILITY': { definition: 'Power, air, water or gas is out.', marks: { timeElement: 'external' } },
    'EXT-IT': { definition: 'Network, ERP or MES is out.', marks: { timeElement: 'external' } },
    'MIN-STOP': { definition: 'Stop of less than five minutes.', marks: { timeElement: 'minor' } },
    'SPD-REDUCED': { definition: 'Running slower than it should.', marks: { timeElement: 'speed' } },
  },
  'quality-result': {
    PASS: 'Meets the requirement.', CONDITIONAL: 'May be used under stated conditions.', FAIL: 'Does not meet the requirement.', PENDING: 'Not decided yet.',
  },
  'movement-type': {
    RECEIPT: 'From a supplier or a plant into stock.', ISSUE_TO_ORDER: 'From stock to an order.', RETURN_FROM_ORDER: 'Back from an order to stock.',
    COMPLETION: 'From an order into stock.', TRANSFER_BIN: 'Between bins of a site.', TRANSFER_SITE_OUT: 'Leaves for another site.',
    TRANSFER_SITE_IN: 'Arrives from another site.', STATE_CHANGE: 'Same place, another state.', SHIP: 'Leaves for a customer.',
    RETURN_IN: 'Comes back from a customer.', SCRAP: 'Written off.', COUNT_ADJUST: 'Corrected to what was counted.',
  },
  'exception-class': {
    MAPPING_UNMAPPED: 'A local code has no meaning yet.', SCHEMA_INVALID: 'A message has a wrong form.', DQ_OUT_OF_RANGE: 'A value cannot be right.',
    OWNERSHIP_VIOLATION: 'A system wrote what another decides.', CONFLICT_HELD: 'Two claims on one value wait for a human.', SEQUENCE_GAP: 'A message of a sequence is missing.',
    DUPLICATE_SEMANTIC: 'The same fact came again under another id.', GUARD_OVER_COMPLETION: 'More was finished than the order allows.',
    GUARD_NEGATIVE_STOCK: 'More was taken than there is.', PERIOD_CLOSED: 'The period of a posting is closed.', TARGET_REJECTED: 'The target refused a posting.',
    TARGET_UNREACHABLE: 'The target cannot be reached.', DEPENDENCY_WAIT: 'Waits for something that comes first.', STALE_SOURCE: 'A source has not been heard in time.',
  },
};

/** One row per term, as the API takes it. */
export const defaultTerms = (): Record<string, unknown>[] => Object.entries(defaultVocabularies).flatMap(([vocabulary, terms]) =>
  Object.entries(terms).map(([code, term]) => ({ vocabulary, edition: 1, code, status: 'active', ...(typeof term === 'string' ? { definition: term } : term) })));
