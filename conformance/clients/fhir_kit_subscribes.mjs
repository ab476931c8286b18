// Subscribes with fhir-kit-client, or asks what a subscription was told, or ends it; prints one JSON object.
//
//     node fhir_kit_subscribes.mjs BASE SECRET create RESOURCE | told ID | delete ID
import { Client } from 'fhir-kit-client';

const [baseUrl, secret, what, given] = process.argv.slice(2);
const client = new Client({ baseUrl, bearerToken: secret });
const resourceType = 'Subscription';
const valueOf = (bundle, name) => bundle.entry[0].resource.parameter.find((one) => one.name === name)?.valueString;

async function create() {
  return client.create({ resourceType, body: JSON.parse(given) });
}

async function told() {
  const status = await client.operation({ name: 'status', resourceType, id: given, method: 'GET' });
  const options = { headers: { Prefer: 'wait=5' } };
  const input = { eventsSinceNumber: 1 };
  const events = await client.operation({ name: 'events', resourceType, id: given, method: 'GET', input, options });
  return { status: valueOf(status, 'events-since-subscription-start'), events };
}

async function remove() {
  await client.delete({ resourceType, id: given });
  try {
    return await client.read({ resourceType, id: given });
  } catch (error) {
    return { status: error.response.status };
  }
}

console.log(JSON.stringify(await { create, told, delete: remove }[what]()));
