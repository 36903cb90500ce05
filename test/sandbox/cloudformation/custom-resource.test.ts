import { request } from 'node:http';
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { shaped } from '../../../src/sandbox/cloudformation/shape.ts';
import type { Bench } from './fakes.ts';
import { bench, parameter, template } from './fakes.ts';

beforeAll(async () => {
  await shaped('lambda', 'Invoke', {});
  await shaped('ssm', 'PutParameter', {});
});

let on: Bench;
beforeEach(() => {
  on = bench();
});
afterEach(() => on.close());

const token = 'arn:aws:lambda:us-east-1:111122223333:function:maker';
const custom = (properties: object, others: object = {}) => ({
  Type: 'Custom::Thing',
  Properties: { ServiceToken: token, ...properties },
  ...others,
});

/** PUTs a document to a response URL, as functions do; answers the status. */
const respond = (url: string, document: object): Promise<number> =>
  new Promise((resolve, reject) => {
    request(url, { method: 'PUT' }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end(JSON.stringify(document));
  });

it('asks the function and takes its physical id and data; updates it, replaces it, deletes it', async () => {
  const events: Record<string, unknown>[] = [];
  const statuses: number[] = [];
  on.invoked = async (event) => {
    events.push(event);
    const answer = {
      Status: 'SUCCESS',
      PhysicalResourceId: `thing-${(event.ResourceProperties as { Size: string }).Size}`,
      Data: { Address: 'here' },
    };
    statuses.push(await respond(String(event.ResponseURL), answer), await respond(String(event.ResponseURL), answer));
  };
  const body = (size: number) =>
    template({
      Thing: custom({ Size: size, On: true }),
      User: parameter({ Name: '/user', Value: { 'Fn::Sub': '${Thing} ${Thing.Address}' } }),
    });
  await on.call('CreateStack', { StackName: 'app', TemplateBody: body(1) });
  expect(await on.rest('app')).toBe('CREATE_COMPLETE');
  expect(on.parameters.get('/user')).toBe('thing-1 here');
  expect(events[0]).toMatchObject({
    RequestType: 'Create',
    LogicalResourceId: 'Thing',
    ResourceType: 'Custom::Thing',
    ResourceProperties: { ServiceToken: token, Size: '1', On: 'true' },
  });
  // Good for one answer only.
  await vi.waitFor(() => expect(statuses).toHaveLength(2));
  expect(statuses).toEqual([200, 403]);

  await on.call('UpdateStack', { StackName: 'app', TemplateBody: body(2) });
  expect(await on.rest('app')).toBe('UPDATE_COMPLETE');
  expect(on.parameters.get('/user')).toBe('thing-2 here');
  expect(events.map(({ RequestType, PhysicalResourceId }) => [RequestType, PhysicalResourceId])).toEqual([
    ['Create', undefined],
    ['Update', 'thing-1'],
    ['Delete', 'thing-1'],
  ]);
  expect(events[1]).toMatchObject({ OldResourceProperties: { Size: '1' } });

  await on.call('DeleteStack', { StackName: 'app' });
  for (let turn = 0; events.length < 4 && turn < 200; turn++) await on.sandbox.clock.advance(100);
  expect(events[3]).toMatchObject({ RequestType: 'Delete', PhysicalResourceId: 'thing-2' });
  await on.cloudformation.idle();
});

it('fails with the reason the function gives', async () => {
  on.invoked = (event) => {
    const outcome = event.RequestType === 'Create' ? 'FAILED' : 'SUCCESS';
    void respond(String(event.ResponseURL), { Status: outcome, Reason: 'no room', PhysicalResourceId: 'x' });
  };
  await on.call('CreateStack', { StackName: 'app', TemplateBody: template({ Thing: custom({}) }) });
  expect(await on.rest('app')).toBe('ROLLBACK_COMPLETE');
  const { StackEvents } = await on.call<{ StackEvents: Record<string, string>[] }>('DescribeStackEvents', {
    StackName: 'app',
  });
  expect(StackEvents.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')?.ResourceStatusReason).toMatch(
    'Received response status [FAILED] from custom resource. Message returned: no room',
  );
});

it('gives up on a function that never answers', async () => {
  await on.call('CreateStack', { StackName: 'app', TemplateBody: template({ Thing: custom({ ServiceTimeout: 60 }) }) });
  expect(await on.rest('app')).toBe('ROLLBACK_COMPLETE');
  const { StackEvents } = await on.call<{ StackEvents: Record<string, string>[] }>('DescribeStackEvents', {
    StackName: 'app',
  });
  expect(StackEvents.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')?.ResourceStatusReason).toMatch(
    'did not receive a response from your Custom Resource',
  );
});
