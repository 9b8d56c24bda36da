import { Module } from '@nestjs/common';
import { RegistryReader } from '@datum/registry';
import { PolicyGuards, RecordCatalogue, RecordWriter } from '@datum/governed';
import { matchConsequence, matchGuard } from './match.guard.js';
import { matchCandidateRecord } from './match-candidate.record.js';
import {
  BankChangeController, CustomerController, ItemSupplierController, MatchCandidateController, PartyMatchController, SupplierController,
} from './party.controller.js';
import { BankChangeResolver, CustomerResolver, ItemSupplierResolver, MatchCandidateResolver, PartyMatchResolver, SupplierResolver } from './party.resolver.js';
import { PartyMatcher } from './party-matcher.service.js';
import { bankChangeConsequence, bankChangeGuard, supplierGuard } from './supplier.guard.js';
import { bankChangeRecord, customerRecord, itemSupplierRecord, supplierRecord } from './supplier.record.js';

/** Who we buy from and sell to, and which of a system's records mean whom. */
@Module({
  controllers: [SupplierController, BankChangeController, CustomerController, ItemSupplierController, MatchCandidateController, PartyMatchController],
  providers: [PartyMatcher, SupplierResolver, BankChangeResolver, CustomerResolver, ItemSupplierResolver, MatchCandidateResolver, PartyMatchResolver],
  exports: [PartyMatcher],
})
export class PartiesModule {
  constructor(catalogue: RecordCatalogue, guards: PolicyGuards, writer: RecordWriter, registry: RegistryReader) {
    catalogue.add(supplierRecord, bankChangeRecord, customerRecord, itemSupplierRecord, matchCandidateRecord);
    guards.add(supplierGuard, bankChangeGuard(registry), matchGuard);
    guards.after(bankChangeConsequence(writer), matchConsequence(writer));
  }
}
