import { describeProblems } from '../http/problem-texts.js';

describeProblems({
  'auth.unauthenticated': {
    title: 'Not authenticated', text: 'The request carries no access token, or not a valid one: expired, revoked, or not for this gateway. Get one at /oauth/token.',
  },
  'auth.insufficient-scope': {
    title: 'Scope missing', text: 'The token is valid and does not carry the scope that is named. Ask the owner of the registry to grant it to your credential.',
  },
  'auth.forbidden': { title: 'Not allowed', text: 'Nobody may call this.' },
  'auth.issuer-unavailable': {
    title: 'Token issuer unavailable', text: 'The keys of the external token issuer cannot be had just now. Repeat the request after the time in Retry-After.',
  },
});
