/** Operations on DB subnet groups and DB parameter groups. */

import type {
  CreateDBParameterGroupCommandInput,
  CreateDBSubnetGroupCommandInput,
  DeleteDBParameterGroupCommandInput,
  DeleteDBSubnetGroupCommandInput,
  DescribeDBParameterGroupsCommandInput,
  DescribeDBParametersCommandInput,
  DescribeDBSubnetGroupsCommandInput,
  ModifyDBParameterGroupCommandInput,
  ModifyDBSubnetGroupCommandInput,
  ResetDBParameterGroupCommandInput,
} from '@aws-sdk/client-rds';
import { operation } from '../../contract.ts';
import { askOn, askTagging, requestTags } from './asks.ts';
import type { Rds } from './context.ts';
import { defaultParameterGroup, families } from './engines.ts';
import { refuseOthers } from './input.ts';
import { page } from './pages.ts';
import {
  createParameterGroup,
  deleteParameterGroup,
  describeParameters,
  modifyParameterGroup,
  parameterGroup,
  parameterGroupShape,
  resetParameterGroup,
} from './parameter-groups.ts';
import { rdsTables } from './rows.ts';
import {
  createSubnetGroup,
  deleteSubnetGroup,
  modifySubnetGroup,
  subnetGroup,
  subnetGroupShape,
} from './subnet-groups.ts';

export const subnetGroupOperations = (rds: Rds) => ({
  CreateDBSubnetGroup: operation(
    async (input: CreateDBSubnetGroupCommandInput, { region }) => {
      refuseOthers('CreateDBSubnetGroup', input, [
        'DBSubnetGroupName',
        'DBSubnetGroupDescription',
        'SubnetIds',
        'Tags',
      ]);
      return { DBSubnetGroup: subnetGroupShape(rds.core, region, await createSubnetGroup(rds, region, input)) };
    },
    (input, call) => [
      askOn(rds.core, call, 'CreateDBSubnetGroup', 'subgrp', input.DBSubnetGroupName ?? '', requestTags(input.Tags)),
      ...askTagging(rds.core, call, 'subgrp', input.DBSubnetGroupName, input.Tags),
    ],
  ),
  DescribeDBSubnetGroups: operation(
    (input: DescribeDBSubnetGroupsCommandInput, { region }) => {
      refuseOthers('DescribeDBSubnetGroups', input, ['DBSubnetGroupName', 'MaxRecords', 'Marker']);
      const named = input.DBSubnetGroupName;
      const all =
        named === undefined
          ? rdsTables(rds.core, region).subnetGroups.values()
          : [subnetGroup(rds.core, region, named)];
      const { rows, marker } = page(all, input);
      return {
        DBSubnetGroups: rows.map((row) => subnetGroupShape(rds.core, region, row)),
        ...(marker === undefined ? {} : { Marker: marker }),
      };
    },
    (input, call) => [askOn(rds.core, call, 'DescribeDBSubnetGroups', 'subgrp', input.DBSubnetGroupName)],
  ),
  ModifyDBSubnetGroup: operation(
    async (input: ModifyDBSubnetGroupCommandInput, { region }) => ({
      DBSubnetGroup: subnetGroupShape(rds.core, region, await modifySubnetGroup(rds, region, input)),
    }),
    (input, call) => [askOn(rds.core, call, 'ModifyDBSubnetGroup', 'subgrp', input.DBSubnetGroupName ?? '')],
  ),
  DeleteDBSubnetGroup: operation(
    (input: DeleteDBSubnetGroupCommandInput, { region }) => {
      deleteSubnetGroup(rds, region, input.DBSubnetGroupName);
      return {};
    },
    (input, call) => [askOn(rds.core, call, 'DeleteDBSubnetGroup', 'subgrp', input.DBSubnetGroupName ?? '')],
  ),
});

export const parameterGroupOperations = (rds: Rds) => ({
  CreateDBParameterGroup: operation(
    (input: CreateDBParameterGroupCommandInput, { region }) => {
      refuseOthers('CreateDBParameterGroup', input, [
        'DBParameterGroupName',
        'DBParameterGroupFamily',
        'Description',
        'Tags',
      ]);
      return { DBParameterGroup: parameterGroupShape(rds.core, region, createParameterGroup(rds, region, input)) };
    },
    (input, call) => [
      askOn(rds.core, call, 'CreateDBParameterGroup', 'pg', input.DBParameterGroupName ?? '', requestTags(input.Tags)),
      ...askTagging(rds.core, call, 'pg', input.DBParameterGroupName, input.Tags),
    ],
  ),
  DescribeDBParameterGroups: operation(
    (input: DescribeDBParameterGroupsCommandInput, { region }) => {
      refuseOthers('DescribeDBParameterGroups', input, ['DBParameterGroupName', 'MaxRecords', 'Marker']);
      const { core } = rds;
      const named = input.DBParameterGroupName;
      const defaults = () => families.map((family) => parameterGroup(core, region, defaultParameterGroup(family)));
      const all =
        named === undefined
          ? [...defaults(), ...rdsTables(core, region).parameterGroups.values()]
          : [parameterGroup(core, region, named)];
      const { rows, marker } = page(all, input);
      return {
        DBParameterGroups: rows.map((row) => parameterGroupShape(core, region, row)),
        ...(marker === undefined ? {} : { Marker: marker }),
      };
    },
    (input, call) => [askOn(rds.core, call, 'DescribeDBParameterGroups', 'pg', input.DBParameterGroupName)],
  ),
  DescribeDBParameters: operation(
    (input: DescribeDBParametersCommandInput, { region }) => {
      refuseOthers('DescribeDBParameters', input, ['DBParameterGroupName', 'Source', 'MaxRecords', 'Marker']);
      const { rows, marker } = page(describeParameters(rds.core, region, input), input);
      return { Parameters: rows, ...(marker === undefined ? {} : { Marker: marker }) };
    },
    (input, call) => [askOn(rds.core, call, 'DescribeDBParameters', 'pg', input.DBParameterGroupName ?? '')],
  ),
  ModifyDBParameterGroup: operation(
    (input: ModifyDBParameterGroupCommandInput, { region }) => ({
      DBParameterGroupName: modifyParameterGroup(rds, region, input),
    }),
    (input, call) => [askOn(rds.core, call, 'ModifyDBParameterGroup', 'pg', input.DBParameterGroupName ?? '')],
  ),
  ResetDBParameterGroup: operation(
    (input: ResetDBParameterGroupCommandInput, { region }) => ({
      DBParameterGroupName: resetParameterGroup(rds, region, input),
    }),
    (input, call) => [askOn(rds.core, call, 'ResetDBParameterGroup', 'pg', input.DBParameterGroupName ?? '')],
  ),
  DeleteDBParameterGroup: operation(
    (input: DeleteDBParameterGroupCommandInput, { region }) => {
      deleteParameterGroup(rds, region, input.DBParameterGroupName);
      return {};
    },
    (input, call) => [askOn(rds.core, call, 'DeleteDBParameterGroup', 'pg', input.DBParameterGroupName ?? '')],
  ),
});
