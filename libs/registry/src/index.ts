export * from './participant.service.js';
export * from './records.js';
export * from './registry.directory.js';
export * from './registry.entities.js';
export * from './registry.module.js';
export * from './registry.reader.js';
export * from './registry.service.js';
export { RegistryWriter, type Precondition } from './registry.writer.js';
export * from './vocabulary.js';
