import type { Type } from '@nestjs/common';
import { BomsModule } from '@datum/boms';
import { GovernanceModule } from '@datum/governance';
import { InventoryModule } from '@datum/inventory';
import { ItemsModule } from '@datum/items';
import { OrdersModule } from '@datum/orders';
import { PartiesModule } from '@datum/parties';

/** The rooms whose records the worker writes; the same as the gateway's. */
export const domainModules: Type[] = [GovernanceModule, ItemsModule, BomsModule, PartiesModule, InventoryModule, OrdersModule];
