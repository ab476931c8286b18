// Reads with fhir-kit-client what the gateway serves, and prints what the client saw: one JSON object.
//
//     node fhir_kit.mjs BASE SECRET
import { Client } from 'fhir-kit-client';

const [baseUrl, secret] = process.argv.slice(2);
const client = new Client({ baseUrl, bearerToken: secret });
const ids = (bundle) => (bundle.entry ?? []).map((entry) => entry.resource.id);

const statement = await client.capabilityStatement();
const pages = [];
let bundle = await client.search({ resourceType: 'ServiceRequest', searchParams: { _count: 1, _sort: '_id' } });
const first = bundle.entry[0].resource;
while (bundle) {
  pages.push(ids(bundle));
  bundle = await client.nextPage({ bundle });
}
const posted = await client.search({
  resourceType: 'ServiceRequest', searchParams: { status: 'active', _total: 'accurate' }, options: { postSearch: true },
});
const read = await client.read({ resourceType: 'ServiceRequest', id: first.id });
const version = await client.vread({ resourceType: 'ServiceRequest', id: first.id, version: read.meta.versionId });
const history = await client.resourceHistory({ resourceType: 'ServiceRequest', id: first.id });
const typeHistory = await client.typeHistory({ resourceType: 'ServiceRequest' });
let absent;
try {
  await client.read({ resourceType: 'ServiceRequest', id: 'absent' });
} catch (error) {
  absent = { status: error.response.status, type: error.response.data.resourceType };
}
console.log(JSON.stringify({
  fhirVersion: statement.fhirVersion,
  pages,
  posted: { total: posted.total, ids: ids(posted) },
  read: read.id,
  version: version.meta.versionId,
  history: history.type,
  versions: typeHistory.entry.length,
  absent,
}));
