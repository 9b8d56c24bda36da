import { describeProblems } from '@datum/platform';

describeProblems({
  'site.not-found': { title: 'No such site', text: 'There is no site of this code. GET /v1/sites lists them.' },
  'system.not-found': { title: 'No such system', text: 'There is no system of this code. GET /v1/systems lists them.' },
  'participant.not-found': { title: 'No such participant', text: 'There is no participant of this id.' },
  'credential.not-found': { title: 'No such credential', text: 'The participant has no credential of this client id, or it is revoked.' },
  'registry.invalid': { title: 'The registry cannot take this', text: 'Each entry of errors points at a value and says what is expected.' },
  'registry.exists': { title: 'Exists already', text: 'Another record has this name. Names of participants are unique.' },
  'participant.step-refused': {
    title: 'No way to that state',
    text: 'A participant goes from sandbox through conformance and approval to live; it can be suspended and offboarded.',
  },
  'precondition.missing': { title: 'Precondition required', text: 'A change needs the header If-Match with the ETag of the version it was decided on.' },
  'precondition.stale': { title: 'Stale version', text: 'The record has changed since you read it. Read it again and repeat the change on the new version.' },
});
