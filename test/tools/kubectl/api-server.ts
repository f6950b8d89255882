/**
 * An API server for the real kubectl, as far as reading goes: it serves the objects and the tables' cells that our kubectl shows, so
 * that both can be asked the same and must answer the same. What it does not hold is what only the client does: layout, selection of
 * columns, sorting, templates, describe, messages.
 */
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {parseSelector, selects} from '../../../src/cluster/label-selector.js';
import type {Session} from '../../../src/session/session.js';
import {type KubeObject, plain} from '../../../src/tools/kubectl/json.js';
import {groupOf, type Resource} from '../../../src/tools/kubectl/kinds/kind.js';
import {pluralName, resources} from '../../../src/tools/kubectl/resources.js';
import {viewOf} from '../../../src/tools/kubectl/view.js';

const groupVersions = [...new Set(resources.map(({apiVersion}) => apiVersion))];

function discovery(path: string): unknown {
  if (path === '/api') return {kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: []};
  if (path === '/apis')
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groupVersions
        .filter((text) => text.includes('/'))
        .map((text) => {
          const version = {groupVersion: text, version: text.split('/')[1]};
          return {name: text.split('/')[0], versions: [version], preferredVersion: version};
        }),
    };
  const groupVersion = path.replace(/^\/apis?\//, '');
  if (!groupVersions.includes(groupVersion)) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: resources
      .filter(({apiVersion}) => apiVersion === groupVersion)
      .map(({name, singular, short, kind, namespaced, inAll}) => ({
        name,
        singularName: singular,
        namespaced,
        kind,
        verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
        shortNames: short,
        ...(inAll ? {categories: ['all']} : {}),
      })),
  };
}

function listed(
  session: Session,
  resource: Resource,
  namespace: string | undefined,
  query: URLSearchParams,
): KubeObject[] {
  const selector = query.get('labelSelector');
  const requirements = selector ? (parseSelector(selector) ?? []) : [];
  const fields = (query.get('fieldSelector') ?? '').split(',').flatMap((part) => {
    const [, field = '', operator, value = ''] = /^([^!=]*)(!?=)(.*)$/.exec(part) ?? [];
    return part === '' ? [] : [{field, equal: operator === '=', value}];
  });
  return [...resource.list(viewOf(session), namespace)]
    .filter(({labels}) =>
      selects(
        requirements,
        Object.entries(labels).map(([key, value]) => `k8s:${key}=${value}`),
      ),
    )
    .map((entry) => ({key: `${entry.namespace}/${entry.name}`, object: entry.object()}))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({object}) => object)
    .filter((object) =>
      fields.every(({field, equal, value}) => {
        const found = field
          .split('.')
          .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], object);
        return (String(found ?? '') === value) === equal;
      }),
    );
}

function table(session: Session, resource: Resource, objects: readonly KubeObject[]): unknown {
  const view = viewOf(session);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {resourceVersion: '1'},
    columnDefinitions: resource.columns.map(({header, wide}, i) => ({
      name: header.charAt(0) + header.slice(1).toLowerCase(),
      type: 'string',
      format: i === 0 ? 'name' : '',
      description: '',
      priority: wide ? 1 : 0,
    })),
    rows: objects.map((object) => ({
      cells: resource.columns.map(({value}) => value(object, view)),
      object: plain(object),
    })),
  };
}

function answer(session: Session, request: IncomingMessage): {readonly code: number; readonly body: unknown} {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const path = url.pathname.replace(/\/$/, '');
  const known =
    path === '/version' ? {major: '1', minor: '35', gitVersion: session.cluster.kubernetes.version} : discovery(path);
  if (known) return {code: 200, body: known};
  const match =
    /^\/apis?\/(?:([^/]+\.[^/]+|apps|batch)\/)?(v[^/]+)\/(?:namespaces\/([^/]+)\/)?([^/]+)(?:\/([^/]+))?$/.exec(path);
  const [, group = '', , namespace, plural = '', name] = match ?? [];
  const resource = resources.find((row) => row.name === plural && groupOf(row) === group);
  if (plural === 'events' || plural === 'leases' || (!resource && match))
    return {code: 200, body: {kind: 'List', apiVersion: 'v1', metadata: {}, items: []}};
  if (!resource)
    return {code: 404, body: {kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404}};
  const all = listed(session, resource, namespace, url.searchParams);
  const asTable = (request.headers.accept ?? '').includes('as=Table');
  if (name === undefined) {
    const items = all.map(plain);
    return {
      code: 200,
      body: asTable
        ? table(session, resource, all)
        : {kind: `${resource.kind}List`, apiVersion: resource.apiVersion, metadata: {resourceVersion: '1'}, items},
    };
  }
  const object = all.find(({metadata}) => metadata.name === name);
  if (object) return {code: 200, body: asTable ? table(session, resource, [object]) : plain(object)};
  const message = `${pluralName(resource)} ${JSON.stringify(name)} not found`;
  const details = {name, kind: resource.name, ...(groupOf(resource) ? {group: groupOf(resource)} : {})};
  return {
    code: 404,
    body: {kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason: 'NotFound', details, code: 404},
  };
}

export interface ApiServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

export async function startApiServer(session: Session): Promise<ApiServer> {
  const server: Server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const {code, body} = answer(session, request);
    response.writeHead(code, {'content-type': 'application/json'});
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const {port} = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((done) => server.close(() => done())),
  };
}
