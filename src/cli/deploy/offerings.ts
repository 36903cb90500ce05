/** Whether the Regions offer what the stacks ask for: instance types and database classes aren't to be had everywhere, which a deployment finds out late and a failover too late. */

import type { Clients } from '../../aws/clients.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { AssemblyStack } from './assembly.ts';
import type { Problem } from './requirements.ts';
import type { Template, TemplateResource } from './template-difference.ts';
import { isObject } from './template-difference.ts';

interface Wish {
  readonly region: string;
  readonly what: 'instance type' | 'database class';
  readonly name: string;
  readonly field: string;
  /** Whether any is offered there. */
  look(clients: Clients): Promise<boolean>;
}

/** `engine` is that of databases that don't say: replicas have their source's. */
export async function offeringProblems(
  stacks: readonly AssemblyStack[],
  engine: string,
  clients: (region: string) => Clients,
): Promise<{ problems: Problem[]; notes: string[] }> {
  const problems: Problem[] = [];
  const notes: string[] = [];
  const wishes = stacks.flatMap(({ region, template }) =>
    Object.values((JSON.parse(template) as Template).Resources ?? {}).flatMap((resource) => [
      ...typesIn(resource).map((name) => instanceType(region, name)),
      ...classIn(resource).map(({ name, of = engine }) => databaseClass(region, name, of)),
    ]),
  );
  const each = [...new Map(wishes.map((wish) => [`${wish.region} ${wish.name}`, wish])).values()];
  await Promise.all(
    each.map(async (wish) => {
      const { field, name, region, what } = wish;
      try {
        if (await wish.look(clients(region))) return;
        problems.push({
          region,
          what: `The ${what} ${name} isn't offered there.`,
          next: `Choose one that both Regions offer (${field} in the config).`,
        });
      } catch (error) {
        notes.push(`${region}: whether the ${what} ${name} is offered couldn't be seen (${messageOf(error)}).`);
      }
    }),
  );
  return { problems, notes };
}

function typesIn({ Properties = {}, Type }: TemplateResource): string[] {
  if (Type === 'AWS::EC2::LaunchTemplate') return texts(member(Properties.LaunchTemplateData, 'InstanceType'));
  if (Type !== 'AWS::AutoScaling::AutoScalingGroup') return [];
  const overrides = member(member(Properties.MixedInstancesPolicy, 'LaunchTemplate'), 'Overrides');
  return Array.isArray(overrides) ? overrides.flatMap((one: unknown) => texts(member(one, 'InstanceType'))) : [];
}

function classIn({ Properties = {}, Type }: TemplateResource): { name: string; of?: string }[] {
  if (Type !== 'AWS::RDS::DBInstance') return [];
  const [of] = texts(Properties.Engine);
  return texts(Properties.DBInstanceClass).map((name) => ({ name, ...(of === undefined ? {} : { of }) }));
}

const instanceType = (region: string, name: string): Wish => ({
  region,
  what: 'instance type',
  name,
  field: 'compute',
  async look(clients) {
    const { DescribeInstanceTypeOfferingsCommand } = await import('@aws-sdk/client-ec2');
    const { InstanceTypeOfferings = [] } = await (await clients.ec2()).send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: 'region',
        Filters: [{ Name: 'instance-type', Values: [name] }],
      }),
    );
    return InstanceTypeOfferings.length > 0;
  },
});

const databaseClass = (region: string, name: string, Engine: string): Wish => ({
  region,
  what: 'database class',
  name,
  field: 'database.class',
  async look(clients) {
    const { DescribeOrderableDBInstanceOptionsCommand } = await import('@aws-sdk/client-rds');
    const { OrderableDBInstanceOptions = [] } = await (await clients.rds()).send(
      new DescribeOrderableDBInstanceOptionsCommand({ Engine, DBInstanceClass: name, MaxRecords: 20 }),
    );
    return OrderableDBInstanceOptions.length > 0;
  },
});

const member = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);

/** What is only known to AWS isn't looked for. */
const texts = (value: unknown): string[] => (typeof value === 'string' ? [value] : []);
