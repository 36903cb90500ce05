/**
 * Why a role may do what a whole rehearsal (failover, fence, failback, protected again) need not ask for. A grant that no step used and
 * that has none of these reasons fails the rehearsal: it is to be taken away.
 */

export const heldReasons = {
  'reachable primary': 'the primary Region still answers while the failover runs, and is fenced there and then',
  'planned move': 'the workload is moved while all is well, both Regions taking part',
  'taken back': 'a run ends before it has committed, and what it had begun is taken back',
  'own step': "a step of the workload's own stands in a plan that isn't played, or is taken back",
  'abandoned run': 'a run was broken off, and the next one looks whether the holder of the lock still runs',
  'started by event': "the failover or failback is started by an event, an alarm or somebody's own rule",
  'more images than are kept': 'upkeep has run for longer than a rehearsal, and there are more images than are kept',
  'long in the recovery Region': 'the recovery Region stays the active one for longer than an image stays fresh',
  'parameter changed': "the application's owner changes, adds or removes a parameter while this side is the active one",
  'secure parameter':
    'one of the parameters is a SecureString, whose key is used in the name of who reads and writes it',
  'webhook told': 'an alarm of this Region rings, or a run is told in it, and a webhook hears of it',
  'person asked': 'a failover waits for a person, who is shown what it would lose and decides by a link',
  'password changed': 'a password of the database was changed in the recovery Region, and goes home with it',
  'messages wait': 'queues hold a backlog when their sources are switched on, and it is taken little by little',
  'launch asked for': 'the recovery Region was told to have instances, and has none yet',
  'workload destroyed': 'the stacks are deleted, and what no template owns goes with them',
  'asked by AWS alone': "AWS's documentation names it, and the sandbox doesn't ask for it",
} as const;

export type HeldReason = keyof typeof heldReasons;
