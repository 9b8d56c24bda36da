/**
 * The explorer's own script, run by browsers as it stands. The token and the secret are kept in variables only: neither storage nor
 * cookies, so that closing the page forgets them. Without a token no schema is asked for.
 */
export const graphiqlScript = `'use strict';
(() => {
  const settings = JSON.parse(document.body.dataset.settings);
  const element = (id) => document.getElementById(id);
  const say = (text) => { element('token-state').textContent = text; };
  const root = ReactDOM.createRoot(element('graphiql'));
  const shown = { fetcher: noToken(), hasToken: false, query: undefined, variables: undefined };

  function noToken() {
    return async () => ({ errors: [{ message: 'Get a token first: client id and secret above.' }] });
  }

  function fetcherWith(token) {
    const authorization = 'Bearer ' + token;
    return GraphiQL.createFetcher({
      url: settings.endpoint,
      subscriptionUrl: location.origin.replace(/^http/, 'ws') + settings.endpoint,
      headers: { authorization },
      wsConnectionParams: { authorization },
    });
  }

  function show() {
    root.render(React.createElement(GraphiQL, {
      fetcher: shown.fetcher,
      schema: shown.hasToken ? undefined : null,
      query: shown.query,
      variables: shown.variables,
      defaultQuery: '# Get a token above, then choose an example or write a query.\\n',
      defaultEditorToolsVisibility: 'variables',
      shouldPersistHeaders: false,
      showPersistHeadersSettings: false,
    }));
  }

  async function getToken(clientId, clientSecret) {
    const body = new URLSearchParams({ grant_type: 'client_credentials' });
    const credentials = encodeURIComponent(clientId) + ':' + encodeURIComponent(clientSecret);
    const response = await fetch(settings.tokenPath, { method: 'POST', headers: { authorization: 'Basic ' + btoa(credentials) }, body });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok || !answer.access_token) throw new Error(answer.error_description || answer.detail || answer.error || 'status ' + response.status);
    return answer;
  }

  element('token-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    say('Asking …');
    try {
      const answer = await getToken(element('client-id').value, element('client-secret').value);
      shown.fetcher = fetcherWith(answer.access_token);
      shown.hasToken = true;
      const until = new Date(Date.now() + (answer.expires_in || 0) * 1000);
      say('Token until ' + until.toLocaleTimeString() + (answer.scope ? ' for ' + answer.scope : ''));
      show();
    } catch (error) {
      say('No token: ' + error.message);
    }
  });

  settings.examples.forEach((example, index) => element('example').add(new Option(example.title, String(index))));
  element('example').addEventListener('change', (event) => {
    const example = settings.examples[event.target.value];
    if (!example) return;
    shown.query = example.query;
    shown.variables = example.variables ? JSON.stringify(example.variables, null, 2) : '';
    show();
  });

  show();
})();
`;

export const graphiqlStyle = `html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; font-family: system-ui, sans-serif; font-size: 14px; }
header { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; padding: 8px 12px; color: #f5f7fa; background: #1f2937; }
header form { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; flex: 1; }
header input, header select, header button { font: inherit; padding: 3px 6px; border: 1px solid #6b7280; border-radius: 4px; color: #111827; background: #ffffff; }
header button { cursor: pointer; }
main { flex: 1; min-height: 0; }
`;
