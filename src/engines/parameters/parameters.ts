/** Reads and writes SSM parameters of one Region. */

import type { Parameter } from '@aws-sdk/client-ssm';
import type { Clients } from '../../aws/clients.ts';

export interface Parameters {
  get(name: string): Promise<Parameter | undefined>;
  /** Every parameter under a path, secure ones decrypted. */
  under(path: string): Promise<Parameter[]>;
  put(parameter: {
    name: string;
    value: string;
    type: 'String' | 'StringList' | 'SecureString';
    dataType?: string;
    keyId?: string;
  }): Promise<void>;
  remove(name: string): Promise<void>;
}

export function parametersOf(clients: Clients): Parameters {
  return {
    async get(name) {
      const { GetParameterCommand, ParameterNotFound } = await import('@aws-sdk/client-ssm');
      try {
        return (await (await clients.ssm()).send(new GetParameterCommand({ Name: name, WithDecryption: true })))
          .Parameter;
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw error;
      }
    },
    async under(path) {
      const { paginateGetParametersByPath } = await import('@aws-sdk/client-ssm');
      const client = await clients.ssm();
      const found: Parameter[] = [];
      const pages = paginateGetParametersByPath(
        { client },
        { Path: path, Recursive: true, WithDecryption: true, MaxResults: 10 },
      );
      for await (const page of pages) found.push(...(page.Parameters ?? []));
      return found;
    },
    async put({ name, value, type, dataType, keyId }) {
      const { PutParameterCommand } = await import('@aws-sdk/client-ssm');
      await (await clients.ssm()).send(
        new PutParameterCommand({
          Name: name,
          Value: value,
          Type: type,
          Overwrite: true,
          ...(dataType === undefined ? {} : { DataType: dataType }),
          ...(type === 'SecureString' && keyId !== undefined ? { KeyId: keyId } : {}),
        }),
      );
    },
    async remove(name) {
      const { DeleteParameterCommand, ParameterNotFound } = await import('@aws-sdk/client-ssm');
      try {
        await (await clients.ssm()).send(new DeleteParameterCommand({ Name: name }));
      } catch (error) {
        if (!(error instanceof ParameterNotFound)) throw error;
      }
    },
  };
}
