/** Kinds of values that several parts of the config file share. */

import { z } from 'zod';
import { regions } from '../../facts/regions.ts';

export const region = z.enum(regions);

/** Long enough to mean something, short enough for the longest AWS name built from it (a load balancer's 32 characters). */
export const shortName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,11}$/,
    'lower-case letters, digits and hyphens, starting with a letter, at most 12 characters',
  );

/** A column or table of the database, or what else SQL takes unquoted. */
export const sqlName = z.string().regex(/^[A-Za-z0-9_]+$/, 'letters, digits and underscores');

export const domainName = z
  .string()
  .regex(/^([a-z0-9-]+\.)+[a-z]+$/, 'a domain name in lower case, like photos.example');

export const urlPath = z.string().startsWith('/');
