export * from './match-candidate.record.js';
export * from './match-score.js';
export * from './name-similarity.js';
export * from './parties.module.js';
export * from './party-matcher.service.js';
export * from './supplier.record.js';
