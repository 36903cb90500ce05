/** What is wrong with a policy document, and where: `Statement[0].Effect`. Each service raises it under its own error code. */

export class PolicyProblem extends Error {
  readonly path: string;

  constructor(path: string, what: string) {
    super(path === '' ? what : `${what} (at ${path})`);
    this.name = 'PolicyProblem';
    this.path = path;
  }
}
