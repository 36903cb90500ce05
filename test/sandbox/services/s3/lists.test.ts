import { describe, expect, it } from 'vitest';
import { byteOrder, listPage } from '../../../../src/sandbox/services/s3/listing.ts';
import { s3Sandbox } from './support.ts';

interface Listing {
  Contents?: { Key: string }[];
  CommonPrefixes?: { Prefix: string }[];
  Versions: { Key: string; VersionId: string; IsLatest: boolean }[];
  DeleteMarkers: { Key: string; IsLatest: boolean }[];
  IsTruncated: boolean;
  NextContinuationToken?: string;
  NextMarker?: string;
  NextKeyMarker?: string;
  NextVersionIdMarker?: string;
  KeyCount: number;
}

describe('listing', () => {
  it('pages through keys and prefixes, each exactly once', async () => {
    const { bucket, put, s3 } = s3Sandbox();
    await bucket('photos');
    for (const key of ['a', 'b/1', 'b/2', 'c', 'd/1', 'é']) await put('photos', key, key);
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const page: Listing = await s3<Listing>('ListObjectsV2', {
        Bucket: 'photos',
        Delimiter: '/',
        MaxKeys: 2,
        ContinuationToken: token,
      });
      expect(page.KeyCount).toBeLessThanOrEqual(2);
      seen.push(
        ...(page.CommonPrefixes ?? []).map((one) => one.Prefix),
        ...(page.Contents ?? []).map((one) => one.Key),
      );
      token = page.NextContinuationToken;
    } while (token !== undefined);
    expect(seen.sort(byteOrder)).toEqual(['a', 'b/', 'c', 'd/', 'é']);
  });

  it('leaves out keys behind a delete marker, and lists every version', async () => {
    const { bucket, put, s3 } = s3Sandbox();
    await bucket('photos');
    await put('photos', 'a', '1');
    await put('photos', 'a', '2');
    await put('photos', 'b', '3');
    await s3('DeleteObject', { Bucket: 'photos', Key: 'b' });
    const current = await s3<Listing>('ListObjectsV2', { Bucket: 'photos' });
    expect(current.Contents?.map((one) => one.Key)).toEqual(['a']);
    const all = await s3<Listing>('ListObjectVersions', { Bucket: 'photos' });
    expect(all.Versions.map((one) => [one.Key, one.IsLatest])).toEqual([
      ['a', true],
      ['a', false],
      ['b', false],
    ]);
    expect(all.DeleteMarkers).toMatchObject([{ Key: 'b', IsLatest: true }]);
  });

  it('pages through versions, in the middle of a key too', async () => {
    const { bucket, put, s3 } = s3Sandbox();
    await bucket('photos');
    for (const key of ['a', 'a', 'a', 'b', 'b']) await put('photos', key, key);
    const seen: string[] = [];
    let marker: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    for (let more = true; more; ) {
      const page: Listing = await s3<Listing>('ListObjectVersions', { Bucket: 'photos', MaxKeys: 2, ...marker });
      seen.push(...page.Versions.map((one) => one.VersionId));
      marker = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      more = page.IsTruncated;
    }
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
  });

  it('encodes keys when asked to, and lists in V1 form', async () => {
    const { bucket, put, s3 } = s3Sandbox();
    await bucket('photos');
    for (const key of ['x/a b', 'x/c', 'y']) await put('photos', key, key);
    const page = await s3<Listing>('ListObjects', {
      Bucket: 'photos',
      Prefix: 'x/',
      EncodingType: 'url',
      Delimiter: '/',
      MaxKeys: 1,
    });
    expect(page.Contents?.map((one) => one.Key)).toEqual(['x/a%20b']);
    const rest = await s3<Listing>('ListObjects', { Bucket: 'photos', Marker: 'x/a b' });
    expect(rest.Contents?.map((one) => one.Key)).toEqual(['x/c', 'y']);
  });

  it('looks at what is on the page, not at the rest of the bucket', () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `photos/${String(index % 10)}/${String(index)}`);
    let looked = 0;
    const sorted = new Proxy(names.sort(byteOrder), {
      get: (target, property) => {
        if (typeof property === 'string' && /^\d+$/.test(property)) looked++;
        return Reflect.get(target, property) as unknown;
      },
    });
    const from = (after: string, delimiter?: string) =>
      listPage(sorted, { prefix: 'photos/', delimiter, after, limit: 10 });
    expect(from('photos/7/').keys).toEqual(from('photos/6/9996').keys);
    expect(from('', '/').commonPrefixes).toHaveLength(10);
    expect(from('photos/4/', '/').commonPrefixes[0]).toBe('photos/5/');
    expect(looked).toBeLessThan(1000);
  });

  it('lists what is there after keys have come and gone', async () => {
    const { bucket, put, s3 } = s3Sandbox();
    await bucket('photos');
    for (const key of ['c', 'a']) await put('photos', key, key);
    const keys = async () =>
      ((await s3<Listing>('ListObjectsV2', { Bucket: 'photos' })).Contents ?? []).map((one) => one.Key);
    expect(await keys()).toEqual(['a', 'c']);
    await put('photos', 'b', 'b');
    expect(await keys()).toEqual(['a', 'b', 'c']);
    await s3('DeleteObject', { Bucket: 'photos', Key: 'a' });
    expect(await keys()).toEqual(['b', 'c']);
  });

  it('sorts by UTF-8 bytes, not by UTF-16 units', () => {
    const names = ['\u{1F600}', '\uFF5E', 'a'];
    const page = listPage([...names].sort(byteOrder), { prefix: '', delimiter: undefined, after: '', limit: 10 });
    expect(page.keys).toEqual(['a', '\uFF5E', '\u{1F600}']);
    expect([...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))).toEqual(page.keys);
  });
});
