import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { modelledPath } from '../../bench/critical-path.ts';
import { parseWorkload } from '../../src/workload/parse.ts';

const config = {
  name: 'photos',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  compute: { web: { image: 'ami-0f0e0d0c0b0a09080' } },
  traffic: { zone: 'photos.example', name: 'www.photos.example' },
  watch: { intervalSeconds: 5, probeTimeoutSeconds: 3, agreeing: 3 },
};
const workload = parseWorkload(config);

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function assembly(RequestInterval: number, FailureThreshold: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'pilot-light-test-'));
  folders.push(folder);
  const HealthCheckConfig = { Type: 'HTTP', RequestInterval, FailureThreshold };
  const Resources = {
    Latch: { Type: 'AWS::Route53::HealthCheck', Properties: { HealthCheckConfig: { Type: 'CLOUDWATCH_METRIC' } } },
    Watched: { Type: 'AWS::Route53::HealthCheck', Properties: { HealthCheckConfig } },
  };
  writeFileSync(join(folder, 'traffic.template.json'), JSON.stringify({ Resources }));
  return folder;
}

describe('the least time by the model', () => {
  it('is detection and the longest way through the plan, which is the promotion', () => {
    const { detection, plan, steps, total } = modelledPath(workload, assembly(10, 1));
    // 12 s for the verdict, 2 more looks of 5 s, 3 s of time-out.
    expect(detection).toBe(25);
    expect(steps.map(({ step }) => step)).toEqual(['PromoteReplica']);
    expect(plan).toBeGreaterThan(285);
    expect(plan).toBeLessThan(300);
    expect(total).toBeCloseTo(detection + plan);
  });

  it('is without the promotion where the replica is opened early, and waits for the primary’s lease and for instances', () => {
    const early = (leaseSeconds: number, suspicionAfter: number) =>
      modelledPath(
        parseWorkload({
          ...config,
          witness: { region: 'us-east-2' },
          fence: { leaseSeconds },
          database: { cutover: 'open-early' },
          policy: { suspicionAfter },
        }),
        assembly(10, 1),
      );
    const [prepared, unprepared] = [early(75, 1), early(75, 0)];
    expect(unprepared.steps.map(({ step }) => step)).toEqual(['ScaleOutRecovery']);
    // Instances are on their way from the first failed look on, 22 s before the decision.
    expect(unprepared.plan - prepared.plan).toBeCloseTo(22);
    const { plan, steps } = early(180, 1);
    expect(steps.map(({ step }) => step)).toEqual(['AwaitFence', 'OpenReplica']);
    expect(plan).toBeGreaterThan(180 + 14 + 15);
    expect(plan).toBeLessThan(180 + 14 + 16);
  });

  it('follows the deployed check', () => {
    expect(modelledPath(workload, assembly(10, 3)).detection).toBe(48);
  });

  it('refuses a check nobody has modelled', () => {
    expect(() => modelledPath(workload, assembly(30, 9))).toThrow('route53_hc_detect_30s_x9');
  });
});
