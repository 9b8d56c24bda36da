import type { Type } from '@nestjs/common';
import { GovernanceModule } from '@datum/governance';
import { ItemsModule } from '@datum/items';

/** The rooms whose records the worker writes; the same as the gateway's. */
export const domainModules: Type[] = [GovernanceModule, ItemsModule];
